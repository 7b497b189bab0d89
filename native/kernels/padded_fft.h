// Transforms of a padded grid of side M without ever holding it whole: line by line, only the lines that are not zero, and
// only the frequencies or voxels that are wanted.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/fftw_plan.h"
#include "kernels/thread_scratch.h"

namespace vitreous {

// Lines along y or z are gathered this many at a time: two cache lines of complex numbers from each row.
constexpr std::int64_t line_block = 16;

inline std::int64_t block_count(std::int64_t lines) noexcept { return (lines + line_block - 1) / line_block; }
inline std::int64_t block_width(std::int64_t block, std::int64_t lines) noexcept {
  const std::int64_t left = lines - block * line_block;
  return left < line_block ? left : line_block;
}

// In-place transform of line_block interleaved complex lines of length M: element i of line c at [i * line_block + c].
inline FftwPlan plan_lines(std::int64_t size, int sign) {
  AlignedArray<fftwf_complex> lines(size * line_block);
  const int n = static_cast<int>(size);
  constexpr int stride = static_cast<int>(line_block);
  return FftwPlan([&] {
    return fftwf_plan_many_dft(1, &n, stride, lines.data(), nullptr, stride, 1, lines.data(), nullptr, stride, 1, sign,
                               FFTW_ESTIMATE);
  });
}

// One row of M real numbers <-> M/2 + 1 complex numbers, out of place. The inverse destroys its input.
inline FftwPlan plan_row(std::int64_t size, int sign) {
  AlignedArray<float> real(size);
  AlignedArray<fftwf_complex> complex(size / 2 + 1);
  const int n = static_cast<int>(size);
  return FftwPlan([&] {
    return sign == FFTW_FORWARD ? fftwf_plan_dft_r2c_1d(n, real.data(), complex.data(), FFTW_ESTIMATE)
                                : fftwf_plan_dft_c2r_1d(n, complex.data(), real.data(), FFTW_ESTIMATE);
  });
}

// line_block real lines of length M, interleaved -> M/2 + 1 complex elements each, and back (which destroys its input).
inline FftwPlan plan_real_lines(std::int64_t size, int sign) {
  AlignedArray<float> real(size * line_block);
  AlignedArray<fftwf_complex> complex((size / 2 + 1) * line_block);
  const int n = static_cast<int>(size);
  constexpr int stride = static_cast<int>(line_block);
  return FftwPlan([&] {
    return sign == FFTW_FORWARD ? fftwf_plan_many_dft_r2c(1, &n, stride, real.data(), nullptr, stride, 1, complex.data(),
                                                          nullptr, stride, 1, FFTW_ESTIMATE)
                                : fftwf_plan_many_dft_c2r(1, &n, stride, complex.data(), nullptr, stride, 1, real.data(),
                                                          nullptr, stride, 1, FFTW_ESTIMATE);
  });
}

// 1 / sinc^2((x - n/2) / size) for x = 0 ... n-1: the correction for linear interpolation along one axis.
inline std::vector<double> interpolation_correction(std::int64_t n, std::int64_t size) {
  constexpr double pi = 3.14159265358979323846;
  std::vector<double> correction(static_cast<std::size_t>(n), 1.0);
  for (std::int64_t x = 0; x < n; ++x) {
    const double angle = pi * static_cast<double>(x - n / 2) / static_cast<double>(size);
    if (x == n / 2) continue;
    const double sinc = std::sin(angle) / angle;
    correction[static_cast<std::size_t>(x)] = 1 / (sinc * sinc);
  }
  return correction;
}

}  // namespace vitreous
