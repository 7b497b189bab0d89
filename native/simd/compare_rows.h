#pragma once

// The matrix product of compare: rows (image, shift) against a panel of 16 slices.

#include "kernels/compare.h"
#include "simd/vector.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

constexpr int panel_width = 16;
constexpr int vector_count = panel_width / lane_count;
constexpr std::int64_t pixel_stride = 3 * panel_width;  // real, imaginary, power

// Rows of one micro-kernel call: rows × vector_count accumulators fill the registers.
#if defined(VITREOUS_SIMD_avx512)
constexpr int row_block = 12;
#elif defined(VITREOUS_SIMD_avx2)
constexpr int row_block = 6;
#else
constexpr int row_block = 2;
#endif

// Pixels of a slice panel that stay in the first-level cache while all rows of a group pass over them.
constexpr std::int64_t pixel_block = 96;

VITREOUS_INLINE std::int64_t smaller(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

// out[row][16] (+)= Σ over pixels and `steps` values of each (real, imaginary) of rows[k][row]·panel[k][16], in band order.
// The sum goes on from `out` unless is_first, so that cutting the pixels into blocks changes no bit.
template <int steps>
VITREOUS_INLINE void multiply(const float* rows, const float* panel, std::int64_t pixels, bool is_first, float* out) {
  vfloat sum[row_block][vector_count];
#pragma GCC unroll 16
  for (int row = 0; row < row_block; ++row) {
#pragma GCC unroll 16
    for (int v = 0; v < vector_count; ++v) {
      sum[row][v] = is_first ? spread(0.0f) : load(out + row * panel_width + v * lane_count);
    }
  }
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
#pragma GCC unroll 2
    for (int step = 0; step < steps; ++step) {
      vfloat values[vector_count];
#pragma GCC unroll 16
      for (int v = 0; v < vector_count; ++v) values[v] = load(panel + step * panel_width + v * lane_count);
#pragma GCC unroll 16
      for (int row = 0; row < row_block; ++row) {
        const vfloat factor = spread(rows[step * row_block + row]);
#pragma GCC unroll 16
        for (int v = 0; v < vector_count; ++v) sum[row][v] = madd(factor, values[v], sum[row][v]);
      }
    }
    rows += steps * row_block;
    panel += pixel_stride;
  }
#pragma GCC unroll 16
  for (int row = 0; row < row_block; ++row) {
#pragma GCC unroll 16
    for (int v = 0; v < vector_count; ++v) store(out + row * panel_width + v * lane_count, sum[row][v]);
  }
}

// scale·C/σ² of one pixel, and scale·C beside it.
VITREOUS_INLINE float weight_of(const CompareJob& job, std::int64_t image, std::int64_t pixel, float& contrast) {
  const std::int64_t shell = job.band_shell[pixel];
  contrast = job.ctf == nullptr ? job.scale[image] : job.scale[image] * job.ctf[image * job.band_pixel_count + pixel];
  return shell < job.shell_count ? contrast * job.inverse_sigma2[job.group[image] * job.shell_count + shell] : 0.0f;
}

// packed[row block][pixel][row]: ½ a·scale·C; rows beyond the images are 0.
void pack_norm_rows(const CompareJob& job, std::int64_t first_image, std::int64_t last_image, float* packed) {
  const std::int64_t pixels = job.pixel_count - job.first_pixel;
  const std::int64_t count = last_image - first_image;
  for (std::int64_t row = 0; row < (count + row_block - 1) / row_block * row_block; ++row) {
    float* out = packed + row / row_block * row_block * pixels + row % row_block;
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      float contrast = 0.0f;
      const float weight =
          row < count ? weight_of(job, first_image + row, job.first_pixel + pixel, contrast) : 0.0f;
      out[pixel * row_block] = 0.5f * weight * contrast;
    }
  }
}

// whitened[image][2][pixels]: a·X.
void whiten(const CompareJob& job, std::int64_t first_image, std::int64_t last_image, float* whitened) {
  const std::int64_t pixels = job.pixel_count - job.first_pixel;
  for (std::int64_t image = first_image; image < last_image; ++image) {
    const float* real = job.images + image * 2 * job.band_pixel_count + job.first_pixel;
    const float* imaginary = real + job.band_pixel_count;
    float* out = whitened + (image - first_image) * 2 * pixels;
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      float contrast;
      const float weight = weight_of(job, image, job.first_pixel + pixel, contrast);
      out[pixel] = weight * real[pixel];
      out[pixels + pixel] = weight * imaginary[pixel];
    }
  }
}

// packed[pixel block][row block][pixel][2][row]: a·X·e^{+2πi k·t/N}, row = (image, shift), shift fastest; Re of its
// conjugate times S is cross's summand. Rows beyond row_count are 0.
void pack_rows(const float* whitened, const float* phase, std::int64_t shift_count, std::int64_t pixels,
               std::int64_t row_count, float* packed) {
  float turned[row_block][2][pixel_block];
  const std::int64_t row_blocks = (row_count + row_block - 1) / row_block;
  for (std::int64_t first = 0; first < pixels; first += pixel_block) {
    const std::int64_t count = smaller(pixel_block, pixels - first);
    for (std::int64_t block = 0; block < row_blocks; ++block) {
      for (int r = 0; r < row_block; ++r) {
        const std::int64_t row = block * row_block + r;
        if (row >= row_count) {
          for (std::int64_t p = 0; p < count; ++p) turned[r][0][p] = turned[r][1][p] = 0.0f;
          continue;
        }
        const float* x = whitened + row / shift_count * 2 * pixels + first;
        const float* e = phase + row % shift_count * 2 * pixels + first;
        for (std::int64_t p = 0; p < count; ++p) {
          turned[r][0][p] = x[p] * e[p] - x[pixels + p] * e[pixels + p];
          turned[r][1][p] = x[p] * e[pixels + p] + x[pixels + p] * e[p];
        }
      }
      for (std::int64_t p = 0; p < count; ++p) {
        for (int part = 0; part < 2; ++part) {
          for (int r = 0; r < row_block; ++r) *packed++ = turned[r][part][p];
        }
      }
    }
  }
}

}  // namespace

}  // namespace vitreous::VITREOUS_SIMD_NS
