#include "kernels/gridding_lines.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace vitreous {

GridRows grid_rows(const SamplingDensity& density) noexcept {
  const BoxLayout& layout = density.layout();
  const std::int64_t first = std::max(layout.y_of(0), -density.edge());
  const std::int64_t last = std::min(layout.y_of(layout.row_count - 1), density.edge());
  return {first, std::max<std::int64_t>(0, last - first + 1)};
}

GriddingLines::GriddingLines(const SamplingDensity& density, std::int64_t size)
    : density_(density),
      rows_(grid_rows(density)),
      size_(size),
      edge_(density.edge()),
      columns_(edge_ + 1),
      half_(size / 2 + 1),
      real_scratch_(size * line_block),
      line_scratch_(size * line_block),
      forward_(plan_real_lines(size, FFTW_FORWARD)),
      inverse_(plan_real_lines(size, FFTW_BACKWARD)),
      row_error_(static_cast<std::size_t>(rows_.count)) {}

void GriddingLines::start(float* compensation) const noexcept {
#pragma omp parallel for schedule(static)
  for (std::int64_t row = 0; row < rows_.count; ++row) {
    float* w = compensation + row * (2 * edge_ + 1) * columns_;
    for (std::int64_t z = -edge_; z <= edge_; ++z, w += columns_) {
      const std::int64_t y = rows_.first + row;
      const std::int64_t count = density_.inside(y, z);
      density_.run(0, count, y, z, w);
      for (std::int64_t x = 0; x < count; ++x) w[x] = w[x] > 0 ? 1.0f : 0.0f;
      std::fill(w + count, w + columns_, 0.0f);
    }
  }
}

// The signs of the three axes' transforms may differ: each is undone with the opposite sign and the kernel is even.
void GriddingLines::to_planes(const float* compensation, fftwf_complex* grid) {
#pragma omp parallel for schedule(dynamic, 1)
  for (std::int64_t row = 0; row < rows_.count; ++row) {
    const std::int64_t y = rows_.first + row;
    float* lines = real_scratch_.mine();
    fftwf_complex* spectra = line_scratch_.mine();
    for (std::int64_t block = 0; block < block_count(columns_); ++block) {
      const std::int64_t first = block * line_block;
      const std::int64_t width = block_width(block, columns_);
      std::memset(lines, 0, static_cast<std::size_t>(size_ * line_block) * sizeof(float));
      for (std::int64_t z = -edge_; z <= edge_; ++z) {
        float* target = lines + wrap(z) * line_block;
        const float* w = compensation + (row * (2 * edge_ + 1) + z + edge_) * columns_ + first;
        const std::int64_t count = std::min(width, density_.inside(y, z) - first);
        if (count <= 0) continue;
        density_.run(first, count, y, z, target);
        for (std::int64_t c = 0; c < count; ++c) target[c] *= w[c];
      }
      forward_.real_to_complex(lines, spectra);
      for (std::int64_t z = 0; z < half_; ++z) {
        std::memcpy(grid + (z * rows_.count + row) * columns_ + first, spectra + z * line_block,
                    static_cast<std::size_t>(width) * sizeof(fftwf_complex));
      }
    }
  }
}

double GriddingLines::from_planes(const fftwf_complex* grid, float* compensation) {
#pragma omp parallel for schedule(dynamic, 1)
  for (std::int64_t row = 0; row < rows_.count; ++row) {
    const std::int64_t y = rows_.first + row;
    float* lines = real_scratch_.mine();
    fftwf_complex* spectra = line_scratch_.mine();
    float error = 0;
    for (std::int64_t block = 0; block < block_count(columns_); ++block) {
      const std::int64_t first = block * line_block;
      const std::int64_t width = block_width(block, columns_);
      std::memset(spectra, 0, static_cast<std::size_t>(half_ * line_block) * sizeof(fftwf_complex));
      for (std::int64_t z = 0; z < half_; ++z) {
        std::memcpy(spectra + z * line_block, grid + (z * rows_.count + row) * columns_ + first,
                    static_cast<std::size_t>(width) * sizeof(fftwf_complex));
      }
      inverse_.complex_to_real(spectra, lines);
      for (std::int64_t z = -edge_; z <= edge_; ++z) {
        const float* source = lines + wrap(z) * line_block;
        float* w = compensation + (row * (2 * edge_ + 1) + z + edge_) * columns_ + first;
        const std::int64_t count = std::min(width, density_.inside(y, z) - first);
        for (std::int64_t c = 0; c < count; ++c) {
          // 0 from the start: nothing is there.
          if (w[c] == 0.0f) continue;
          const float smoothed = std::abs(source[c]);
          error = std::max(error, std::abs(smoothed - 1.0f));
          w[c] = std::min(w[c] / std::max(smoothed, 1e-6f), 1e20f);
        }
      }
    }
    row_error_[static_cast<std::size_t>(row)] = error;
  }
  float largest = 0;
  for (const float error : row_error_) largest = std::max(largest, error);
  return largest;
}

}  // namespace vitreous
