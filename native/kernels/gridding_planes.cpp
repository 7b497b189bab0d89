#include "kernels/gridding_planes.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/gridding_kernel.h"

namespace vitreous {

GriddingPlanes::GriddingPlanes(std::int64_t size, std::int64_t edge, double kernel_radius_px)
    : size_(size),
      edge_(edge),
      columns_(edge + 1),
      half_(size / 2 + 1),
      kernel_(gridding_kernel(size, kernel_radius_px, std::pow(static_cast<double>(size), -3))),
      line_scratch_(size * line_block),
      row_scratch_(size),
      spectrum_scratch_(half_),
      plane_scratch_(size * columns_),
      lines_forward_(plan_lines(size, FFTW_FORWARD)),
      lines_inverse_(plan_lines(size, FFTW_BACKWARD)),
      row_forward_(plan_row(size, FFTW_FORWARD)),
      row_inverse_(plan_row(size, FFTW_BACKWARD)) {}

void GriddingPlanes::smooth(fftwf_complex* grid, const RowBlocks& blocks, std::int64_t first_plane,
                            std::int64_t plane_count) {
#pragma omp parallel for schedule(static)
  for (std::int64_t index = 0; index < plane_count; ++index) {
    const std::int64_t z = first_plane + index;
    fftwf_complex* plane = plane_scratch_.mine();
    float* row = row_scratch_.mine();
    fftwf_complex* spectrum = spectrum_scratch_.mine();
    columns_to_real_space(grid, blocks, index, plane);
    for (std::int64_t y = 0; y < size_; ++y) {
      fftwf_complex* source = plane + y * columns_;
      const std::int64_t distance_y = std::min(y, size_ - y);
      const float* kernel = kernel_.data() + z * z + distance_y * distance_y;
      std::memcpy(spectrum, source, static_cast<std::size_t>(columns_) * sizeof(fftwf_complex));
      std::memset(spectrum + columns_, 0, static_cast<std::size_t>(half_ - columns_) * sizeof(fftwf_complex));
      row_inverse_.complex_to_real(spectrum, row);
      for (std::int64_t x = 0; x < half_; ++x) row[x] *= kernel[x * x];
      for (std::int64_t x = half_; x < size_; ++x) row[x] *= kernel[(size_ - x) * (size_ - x)];
      row_forward_.real_to_complex(row, spectrum);
      std::memcpy(source, spectrum, static_cast<std::size_t>(columns_) * sizeof(fftwf_complex));
    }
    columns_to_frequencies(plane, grid, blocks, index);
  }
}

void GriddingPlanes::columns_to_real_space(const fftwf_complex* grid, const RowBlocks& blocks, std::int64_t index,
                                           fftwf_complex* plane) {
  fftwf_complex* lines = line_scratch_.mine();
  for (std::int64_t block = 0; block < block_count(columns_); ++block) {
    const auto bytes = static_cast<std::size_t>(block_width(block, columns_)) * sizeof(fftwf_complex);
    std::memset(lines, 0, static_cast<std::size_t>(size_ * line_block) * sizeof(fftwf_complex));
    for (std::int64_t y = -edge_; y <= edge_; ++y) {
      std::memcpy(lines + wrap(y) * line_block, grid + blocks.offset(index, y + edge_) + block * line_block, bytes);
    }
    lines_inverse_.complex_to_complex(lines, lines);
    for (std::int64_t y = 0; y < size_; ++y) {
      std::memcpy(plane + y * columns_ + block * line_block, lines + y * line_block, bytes);
    }
  }
}

void GriddingPlanes::columns_to_frequencies(const fftwf_complex* plane, fftwf_complex* grid, const RowBlocks& blocks,
                                            std::int64_t index) {
  fftwf_complex* lines = line_scratch_.mine();
  for (std::int64_t block = 0; block < block_count(columns_); ++block) {
    const auto bytes = static_cast<std::size_t>(block_width(block, columns_)) * sizeof(fftwf_complex);
    std::memset(lines, 0, static_cast<std::size_t>(size_ * line_block) * sizeof(fftwf_complex));
    for (std::int64_t y = 0; y < size_; ++y) {
      std::memcpy(lines + y * line_block, plane + y * columns_ + block * line_block, bytes);
    }
    lines_forward_.complex_to_complex(lines, lines);
    for (std::int64_t y = -edge_; y <= edge_; ++y) {
      std::memcpy(grid + blocks.offset(index, y + edge_) + block * line_block, lines + wrap(y) * line_block, bytes);
    }
  }
}

}  // namespace vitreous
