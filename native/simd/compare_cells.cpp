#include "simd/compare_cells.h"

#include "simd/kept_slices.h"
#include "simd/vector.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

// Lanes added in pairs, always in this order.
VITREOUS_INLINE float total(vfloat v) {
  alignas(64) float lanes[lane_count];
  store(lanes, v);
  for (int width = lane_count / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; ++lane) lanes[lane] += lanes[lane + width];
  }
  return lanes[0];
}

// scale C X / sigma2 and half scale^2 C^2 / sigma2 of one image; 0 beyond the pixels in use.
void whiten(const CompareCellsJob& job, std::int64_t image, float* whitened) {
  const std::int64_t pixels = job.pixel_count - job.first_pixel;
  const std::int64_t stride = padded_pixels(pixels);
  const float* real = job.images + image * 2 * job.band_pixel_count + job.first_pixel;
  const float* imaginary = real + job.band_pixel_count;
  const float* ctf = job.ctf == nullptr ? nullptr : job.ctf + image * job.band_pixel_count + job.first_pixel;
  const float* inverse_sigma2 = job.inverse_sigma2 + job.group[image] * job.shell_count;
  for (std::int64_t pixel = 0; pixel < stride; ++pixel) {
    float weight = 0.0f;
    float contrast = 0.0f;
    if (pixel < pixels) {
      const std::int64_t shell = job.band_shell[job.first_pixel + pixel];
      contrast = ctf == nullptr ? job.scale[image] : job.scale[image] * ctf[pixel];
      weight = shell < job.shell_count ? contrast * inverse_sigma2[shell] : 0.0f;
    }
    whitened[pixel] = pixel < pixels ? weight * real[pixel] : 0.0f;
    whitened[stride + pixel] = pixel < pixels ? weight * imaginary[pixel] : 0.0f;
    whitened[2 * stride + pixel] = 0.5f * weight * contrast;
  }
}

// turned = conj(whitened) S; returns half the power of the model.
float turn_slice(const float* whitened, const float* slice, std::int64_t pixels, float* turned) {
  const std::int64_t stride = padded_pixels(pixels);
  vfloat norm = spread(0.0f);
  const auto step = [&](std::int64_t at, vfloat re, vfloat im) {
    const vfloat x = load(whitened + at);
    const vfloat y = load(whitened + stride + at);
    norm = madd(load(whitened + 2 * stride + at), madd(re, re, mul(im, im)), norm);
    store(turned + at, madd(x, re, mul(y, im)));
    store(turned + stride + at, sub(mul(x, im), mul(y, re)));
  };
  const std::int64_t whole = pixels / lane_count * lane_count;
  for (std::int64_t at = 0; at < whole; at += lane_count) step(at, load(slice + at), load(slice + pixels + at));
  alignas(64) float rest[2][lane_count];
  for (std::int64_t at = whole; at < stride; at += lane_count) {
    for (int lane = 0; lane < lane_count; ++lane) {
      rest[0][lane] = at + lane < pixels ? slice[at + lane] : 0.0f;
      rest[1][lane] = at + lane < pixels ? slice[pixels + at + lane] : 0.0f;
    }
    step(at, load(rest[0]), load(rest[1]));
  }
  return total(norm);
}

// Re sum of turned under `count` shifts whose phases are at rows[i].
template <int count>
VITREOUS_INLINE void turn_shifts(const float* turned, std::int64_t stride, const float* const* rows, float* out) {
  vfloat even[count];
  vfloat odd[count];
  for (int i = 0; i < count; ++i) even[i] = odd[i] = spread(0.0f);
  for (std::int64_t at = 0; at < stride; at += lane_count) {
    const vfloat re = load(turned + at);
    const vfloat im = load(turned + stride + at);
#pragma GCC unroll 4
    for (int i = 0; i < count; ++i) {
      even[i] = madd(re, load(rows[i] + at), even[i]);
      odd[i] = madd(im, load(rows[i] + stride + at), odd[i]);
    }
  }
  for (int i = 0; i < count; ++i) out[i] = total(add(even[i], odd[i]));
}

struct CellScore {
  float score;
  std::int32_t shift;
};

CellScore score_cell(const CompareCellsJob& job, const float* phase, const CompareCellsScratch& scratch,
                     const float* log_prior, std::int64_t cell) {
  const std::int64_t pixels = job.pixel_count - job.first_pixel;
  const std::int64_t stride = padded_pixels(pixels);
  const float norm =
      turn_slice(scratch.whitened, job.slices + job.cell_slice[cell] * 2 * pixels, pixels, scratch.turned);
  const std::int32_t* const neighbours = job.neighbours + job.cell_shift[cell] * job.neighbour_count;

  float* const values = scratch.values;
  const float* rows[3] = {};
  std::int32_t shifts[3] = {};
  std::int64_t count = 0;
  float largest = -__builtin_inff();
  std::int32_t best = neighbours[0];
  int waiting = 0;
  const auto take = [&] {
    float cross[3];
    if (waiting == 3) turn_shifts<3>(scratch.turned, stride, rows, cross);
    if (waiting == 2) turn_shifts<2>(scratch.turned, stride, rows, cross);
    if (waiting == 1) turn_shifts<1>(scratch.turned, stride, rows, cross);
    for (int i = 0; i < waiting; ++i) {
      const float value = cross[i] - norm + log_prior[shifts[i]];
      values[count++] = value;
      if (value > largest) {
        largest = value;
        best = shifts[i];
      }
    }
    waiting = 0;
  };
  for (std::int64_t i = 0; i < job.neighbour_count; ++i) {
    if (neighbours[i] < 0) continue;
    shifts[waiting] = neighbours[i];
    rows[waiting++] = phase + neighbours[i] * 2 * stride;
    if (waiting == 3) take();
  }
  take();
  const std::int64_t filled = padded_pixels(count);
  for (std::int64_t i = count; i < filled; ++i) values[i] = -1e30f;
  vfloat sum = spread(0.0f);
  // A NaN among the values is not the largest, yet makes the sum one.
  for (std::int64_t i = 0; i < filled; i += lane_count) {
    sum = add(sum, exp_nonpositive(sub(load(values + i), spread(largest))));
  }
  alignas(64) float logarithm[lane_count];
  store(logarithm, log_positive(spread(total(sum))));
  return {largest + logarithm[0], best};
}

}  // namespace

void compare_cells_of_image(const CompareCellsJob& job, const float* phase, const CompareCellsScratch& scratch,
                            std::int64_t image) {
  whiten(job, image, scratch.whitened);
  const std::int64_t first_kept = image * job.keep_count;
  const Kept kept = {job.top_score + first_kept, job.top_slice + first_kept, job.top_shift + first_kept, job.keep_count};
  kept.order();
  const float* const log_prior = job.log_shift_prior + image * job.shift_count;
  double* const evidence = job.evidence + 2 * image;
  for (std::int64_t cell = job.cell_start[image]; cell < job.cell_start[image + 1]; ++cell) {
    const CellScore found = score_cell(job, phase, scratch, log_prior, cell);
    const double score = static_cast<double>(found.score);
    if (score > evidence[0]) {
      evidence[1] = evidence[1] * __builtin_exp(evidence[0] - score) + 1.0;
      evidence[0] = score;
    } else {
      evidence[1] += __builtin_exp(score - evidence[0]);
    }
    if (kept.count > 0) {
      kept.offer(found.score, static_cast<std::int32_t>(job.first_slice) + job.cell_slice[cell], found.shift);
    }
  }
}

}  // namespace vitreous::VITREOUS_SIMD_NS
