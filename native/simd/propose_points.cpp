#include "simd/propose_points.h"

#include "simd/float8.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

// (1 + d2 / nu)^(-halves / 2).
VITREOUS_INLINE float8 student_power(const float8& distance2, float inverse_nu, int halves) noexcept {
  const float8 base = 1.0f / fma(distance2, broadcast8(inverse_nu), broadcast8(1.0f));
  float8 power = halves % 2 == 1 ? square_root(base) : broadcast8(1.0f);
  for (int i = 0; i < halves / 2; ++i) power *= base;
  return power;
}

// acos(c) / sqrt(1 - c^2) for 0 <= c <= 1: half the angle over its sine. Chebyshev fit of degree 9, error below 2e-7.
VITREOUS_INLINE float8 half_angle_over_sine(const float8& c) noexcept {
  constexpr float coefficients[10] = {1.57079631f,  -0.999996437f, 0.785274298f,  -0.664970691f, 0.576982709f,
                                      -0.482230295f, 0.351092721f, -0.194747626f, 0.0692690925f, -0.0114700943f};
  float8 y = broadcast8(coefficients[9]);
#pragma GCC unroll 9
  for (int i = 8; i >= 0; --i) y = fma(y, c, broadcast8(coefficients[i]));
  return y;
}

// Of one mate of each parent: rotation_weights[j] = weight_j times the kernel between mate(parent j) and the rotation, peak 1 (the Haar
// factor (half angle over sine)^2 is part of it), and centres = the parent's shift after that turn. False: all negligible.
bool weigh_mate(const ProposalDensityJob& job, const float* rotation, std::int64_t g) noexcept {
  const std::int64_t width = job.padded_count;
  const float inverse_nu = 1.0f / static_cast<float>(job.degrees_of_freedom);
  const float* l = job.inverse_rotation;
  // conj(G q_j) q = conj(q_j) (conj(G) q), so the mate is taken on the rotation's side, once.
  const float* s = job.symmetry + 4 * g;
  const float* q = rotation;
  const float pw = s[0] * q[0] + s[1] * q[1] + s[2] * q[2] + s[3] * q[3];
  const float px = s[0] * q[1] - s[1] * q[0] - s[2] * q[3] + s[3] * q[2];
  const float py = s[0] * q[2] + s[1] * q[3] - s[2] * q[0] - s[3] * q[1];
  const float pz = s[0] * q[3] - s[1] * q[2] + s[2] * q[1] - s[3] * q[0];
  bool is_any = false;
  for (std::int64_t j = 0; j < job.used_count; j += 8) {
    const float8 jw = load8(job.parents + j);
    const float8 jx = load8(job.parents + width + j);
    const float8 jy = load8(job.parents + 2 * width + j);
    const float8 jz = load8(job.parents + 3 * width + j);
    const float8 cosine = fma(jw, broadcast8(pw), jx * px) + fma(jy, broadcast8(py), jz * pz);
    const float8 w = smaller(absolute(cosine), broadcast8(1.0f));
    if (g > 0 && !any(w >= job.negligible_cosine)) {
      store8(job.rotation_weights + j, broadcast8(0));
      continue;
    }
    is_any = true;
    const float8 x = fma(jw, broadcast8(px), -(jx * pw)) + fma(jz, broadcast8(py), -(jy * pz));
    const float8 y = fma(jw, broadcast8(py), -(jy * pw)) + fma(jx, broadcast8(pz), -(jz * px));
    const float8 z = fma(jw, broadcast8(pz), -(jz * pw)) + fma(jy, broadcast8(px), -(jx * py));
    const float8 ratio = half_angle_over_sine(w);
    // The rotation vector is 2 ratio (x, y, z), of the quaternion whose real part is positive.
    const float8 scale = (cosine < broadcast8(0) ? broadcast8(-2.0f) : broadcast8(2.0f)) * ratio;
    const float8 a = scale * (x * l[0]);
    const float8 b = scale * fma(x, broadcast8(l[1]), y * l[2]);
    const float8 c = scale * fma(x, broadcast8(l[3]), fma(y, broadcast8(l[4]), z * l[5]));
    const float8 kernel = ratio * ratio * student_power(fma(a, a, fma(b, b, c * c)), inverse_nu, job.degrees_of_freedom + 3);
    store8(job.rotation_weights + j, kernel * load8(job.parents + 6 * width + j));
    for (int i = 0; i < 2; ++i) {
      const float* f = job.follow + 3 * i;
      store8(job.centres + i * width + j,
             fma(a, broadcast8(f[0]), fma(b, broadcast8(f[1]), fma(c, broadcast8(f[2]), load8(job.parents + (4 + i) * width + j)))));
    }
  }
  return is_any;
}

float point_density(const ProposalDensityJob& job, const float* shift) noexcept {
  const std::int64_t width = job.padded_count;
  const float inverse_nu = 1.0f / static_cast<float>(job.degrees_of_freedom);
  float8 total = broadcast8(0);
  for (std::int64_t j = 0; j < job.used_count; j += 8) {
    const float8 x = shift[0] - load8(job.centres + j);
    const float8 y = shift[1] - load8(job.centres + width + j);
    const float8 a = x * job.inverse_shift[0];
    const float8 b = fma(x, broadcast8(job.inverse_shift[1]), y * job.inverse_shift[2]);
    const float8 kernel = student_power(fma(a, a, b * b), inverse_nu, job.degrees_of_freedom + 2);
    total = fma(kernel, load8(job.rotation_weights + j), total);
  }
  return sum(total);
}

}  // namespace

void proposal_density(const ProposalDensityJob& job) noexcept {
  for (std::int64_t m = 0; m < job.rotation_count; ++m) {
    const std::int64_t first = m * job.shift_count;
    for (std::int64_t point = first; point < first + job.shift_count; ++point) job.out[point] = 0;
    for (std::int64_t g = 0; g < job.symmetry_count; ++g) {
      if (!weigh_mate(job, job.rotations + 4 * m, g)) continue;
      for (std::int64_t point = first; point < first + job.shift_count; ++point)
        job.out[point] += point_density(job, job.shifts_px + 2 * point);
    }
  }
}

}  // namespace vitreous::VITREOUS_SIMD_NS
