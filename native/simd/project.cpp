#include "simd/project.h"

#include "simd/vector.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

constexpr int panel_width = 16;

// Where 16 slices touch the volume for one pixel: voxel of the lower corner and the trilinear weights.
struct Feet {
  alignas(64) std::int32_t x[panel_width];
  alignas(64) std::int32_t y[panel_width];
  alignas(64) std::int32_t z[panel_width];
  alignas(64) float fraction_x[panel_width];
  alignas(64) float weight_yz[4][panel_width];  // (1-y)(1-z), y(1-z), (1-y)z, yz
  alignas(64) float conjugate[panel_width];     // -1 where the point was mirrored to x >= 0, else 1
};

VITREOUS_INLINE void find_feet(const PanelRotations& rotations, float kx, float ky, Feet& feet) {
  const vfloat zero = spread(0.0f);
  const vfloat one = spread(1.0f);
  for (int v = 0; v < panel_width; v += lane_count) {
    vfloat point[3];
    for (int axis = 0; axis < 3; ++axis) {
      point[axis] = madd(load(rotations.column_x[axis] + v), spread(kx),
                         mul(load(rotations.column_y[axis] + v), spread(ky)));
    }
    const vfloat sign = select(greater(zero, point[0]), spread(-1.0f), one);
    vfloat fraction[3];
    std::int32_t* corner[3] = {feet.x + v, feet.y + v, feet.z + v};
    for (int axis = 0; axis < 3; ++axis) {
      const vfloat p = mul(point[axis], sign);
      const vfloat below = floor(p);
      fraction[axis] = sub(p, below);
      store_integers(corner[axis], below);
    }
    const vfloat rest_y = sub(one, fraction[1]);
    const vfloat rest_z = sub(one, fraction[2]);
    store(feet.fraction_x + v, fraction[0]);
    store(feet.weight_yz[0] + v, mul(rest_y, rest_z));
    store(feet.weight_yz[1] + v, mul(fraction[1], rest_z));
    store(feet.weight_yz[2] + v, mul(rest_y, fraction[2]));
    store(feet.weight_yz[3] + v, mul(fraction[1], fraction[2]));
    store(feet.conjugate + v, sign);
  }
}

VITREOUS_INLINE __m128 madd4(__m128 a, __m128 b, __m128 c) {
#if defined(VITREOUS_SIMD_sse2)
  return _mm_add_ps(_mm_mul_ps(a, b), c);
#else
  return _mm_fmadd_ps(a, b, c);
#endif
}

}  // namespace

// Two neighbours in x lie side by side (four floats), so that four plain loads fetch a voxel's eight neighbours: faster
// here than gather instructions.
void project_pixels(const ProjectJob& job, const PanelRotations& rotations, std::int64_t first, std::int64_t last,
                    float* out) {
  const std::int64_t edge = job.volume_radius_px + 1;
  const std::int64_t row = 2 * (job.volume_radius_px + 2);
  const std::int64_t plane = row * (2 * job.volume_radius_px + 3);
  const float* origin = job.volume + edge * plane + edge * row;
  const double radius = static_cast<double>(job.volume_radius_px);
  const double largest_k2 = radius * radius / (job.padding_factor * job.padding_factor);

  for (std::int64_t pixel = first; pixel < last; ++pixel, out += 3 * panel_width) {
    const double kx = job.band_kx[pixel];
    const double ky = job.band_ky[pixel];
    if (job.band_shell[pixel] > job.max_shell || !(kx * kx + ky * ky <= largest_k2)) {
      for (int i = 0; i < 3 * panel_width; ++i) out[i] = 0.0f;
      continue;
    }
    Feet feet;
    find_feet(rotations, static_cast<float>(kx), static_cast<float>(ky), feet);
    for (int lane = 0; lane < panel_width; lane += 4) {
      __m128 pair[4];
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        const float* corner =
            origin + feet.z[lane + i] * plane + feet.y[lane + i] * row + 2 * static_cast<std::int64_t>(feet.x[lane + i]);
        pair[i] = _mm_mul_ps(_mm_loadu_ps(corner), _mm_set1_ps(feet.weight_yz[0][lane + i]));
        pair[i] = madd4(_mm_loadu_ps(corner + row), _mm_set1_ps(feet.weight_yz[1][lane + i]), pair[i]);
        pair[i] = madd4(_mm_loadu_ps(corner + plane), _mm_set1_ps(feet.weight_yz[2][lane + i]), pair[i]);
        pair[i] = madd4(_mm_loadu_ps(corner + plane + row), _mm_set1_ps(feet.weight_yz[3][lane + i]), pair[i]);
      }
      // Four slices' (real, imaginary) at x and at x + 1 → one vector each.
      _MM_TRANSPOSE4_PS(pair[0], pair[1], pair[2], pair[3]);
      const __m128 fraction = _mm_load_ps(feet.fraction_x + lane);
      const __m128 factor = _mm_loadu_ps(rotations.factor + lane);
      const __m128 real = _mm_mul_ps(madd4(fraction, _mm_sub_ps(pair[2], pair[0]), pair[0]), factor);
      const __m128 imaginary = _mm_mul_ps(madd4(fraction, _mm_sub_ps(pair[3], pair[1]), pair[1]),
                                          _mm_mul_ps(factor, _mm_load_ps(feet.conjugate + lane)));
      _mm_storeu_ps(out + lane, real);
      _mm_storeu_ps(out + panel_width + lane, imaginary);
      _mm_storeu_ps(out + 2 * panel_width + lane, madd4(real, real, _mm_mul_ps(imaginary, imaginary)));
    }
  }
}

}  // namespace vitreous::VITREOUS_SIMD_NS
