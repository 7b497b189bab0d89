#include "kernels/density_compensation.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/gridding_kernel.h"
#include "kernels/padded_fft.h"

namespace vitreous {

namespace {

// Everything that one iteration needs: plans, scratch, the kernel and the half-transformed grid.
class Loop {
 public:
  Loop(const SamplingDensity& density, std::int64_t size, double kernel_radius_px, AlignedArray<float>& compensation)
      : density_(density),
        compensation_(compensation),
        size_(size),
        edge_(density.edge()),
        columns_(edge_ + 1),
        rows_(2 * edge_ + 1),
        half_(size / 2 + 1),
        kernel_(gridding_kernel(size, kernel_radius_px, std::pow(static_cast<double>(size), -3))),
        grid_(half_ * rows_ * columns_),
        real_scratch_(size * line_block),
        line_scratch_(size * line_block),
        row_scratch_(size),
        spectrum_scratch_(half_),
        plane_scratch_(size * columns_),
        real_lines_forward_(plan_real_lines(size, FFTW_FORWARD)),
        real_lines_inverse_(plan_real_lines(size, FFTW_BACKWARD)),
        lines_forward_(plan_lines(size, FFTW_FORWARD)),
        lines_inverse_(plan_lines(size, FFTW_BACKWARD)),
        row_forward_(plan_row(size, FFTW_FORWARD)),
        row_inverse_(plan_row(size, FFTW_BACKWARD)),
        row_error_(static_cast<std::size_t>(rows_)) {}

  // W <- W / |kernel * (D W)|; returns max | |C| - 1 |.
  double iterate() {
    density_to_planes();
    for_each_plane();
    return planes_to_compensation();
  }

 private:
  std::int64_t wrap(std::int64_t p) const noexcept { return p < 0 ? p + size_ : p; }
  std::int64_t place(std::int64_t x, std::int64_t y, std::int64_t z) const noexcept {
    return ((z + edge_) * rows_ + y + edge_) * columns_ + x;
  }

  // D W, transformed along z. The signs of the three axes may differ: each axis is transformed back with the opposite sign
  // and the kernel is even.
  void density_to_planes() {
#pragma omp parallel for schedule(dynamic, 1)
    for (std::int64_t y = -edge_; y <= edge_; ++y) {
      float* lines = real_scratch_.mine();
      fftwf_complex* spectra = line_scratch_.mine();
      for (std::int64_t block = 0; block < block_count(columns_); ++block) {
        const std::int64_t first = block * line_block;
        const std::int64_t width = block_width(block, columns_);
        std::memset(lines, 0, static_cast<std::size_t>(size_ * line_block) * sizeof(float));
        for (std::int64_t z = -edge_; z <= edge_; ++z) {
          float* target = lines + wrap(z) * line_block;
          const float* w = compensation_.data() + place(first, y, z);
          for (std::int64_t c = 0; c < width; ++c) target[c] = density_.at(first + c, y, z) * w[c];
        }
        real_lines_forward_.real_to_complex(lines, spectra);
        for (std::int64_t z = 0; z < half_; ++z) {
          std::memcpy(grid_.data() + (z * rows_ + y + edge_) * columns_ + first, spectra + z * line_block,
                      static_cast<std::size_t>(width) * sizeof(fftwf_complex));
        }
      }
    }
  }

  // Along y and x to real space, times the kernel, and back.
  void for_each_plane() {
#pragma omp parallel for schedule(static)
    for (std::int64_t z = 0; z < half_; ++z) {
      fftwf_complex* plane = plane_scratch_.mine();
      fftwf_complex* stored = grid_.data() + z * rows_ * columns_;
      float* row = row_scratch_.mine();
      fftwf_complex* spectrum = spectrum_scratch_.mine();
      columns_to_real_space(stored, plane);
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
      columns_to_frequencies(plane, stored);
    }
  }

  void columns_to_real_space(const fftwf_complex* stored, fftwf_complex* plane) {
    fftwf_complex* lines = line_scratch_.mine();
    for (std::int64_t block = 0; block < block_count(columns_); ++block) {
      const auto bytes = static_cast<std::size_t>(block_width(block, columns_)) * sizeof(fftwf_complex);
      std::memset(lines, 0, static_cast<std::size_t>(size_ * line_block) * sizeof(fftwf_complex));
      for (std::int64_t y = -edge_; y <= edge_; ++y) {
        std::memcpy(lines + wrap(y) * line_block, stored + (y + edge_) * columns_ + block * line_block, bytes);
      }
      lines_inverse_.complex_to_complex(lines, lines);
      for (std::int64_t y = 0; y < size_; ++y) {
        std::memcpy(plane + y * columns_ + block * line_block, lines + y * line_block, bytes);
      }
    }
  }

  void columns_to_frequencies(const fftwf_complex* plane, fftwf_complex* stored) {
    fftwf_complex* lines = line_scratch_.mine();
    for (std::int64_t block = 0; block < block_count(columns_); ++block) {
      const auto bytes = static_cast<std::size_t>(block_width(block, columns_)) * sizeof(fftwf_complex);
      std::memset(lines, 0, static_cast<std::size_t>(size_ * line_block) * sizeof(fftwf_complex));
      for (std::int64_t y = 0; y < size_; ++y) {
        std::memcpy(lines + y * line_block, plane + y * columns_ + block * line_block, bytes);
      }
      lines_forward_.complex_to_complex(lines, lines);
      for (std::int64_t y = -edge_; y <= edge_; ++y) {
        std::memcpy(stored + (y + edge_) * columns_ + block * line_block, lines + wrap(y) * line_block, bytes);
      }
    }
  }

  double planes_to_compensation() {
#pragma omp parallel for schedule(dynamic, 1)
    for (std::int64_t y = -edge_; y <= edge_; ++y) {
      float* lines = real_scratch_.mine();
      fftwf_complex* spectra = line_scratch_.mine();
      float error = 0;
      for (std::int64_t block = 0; block < block_count(columns_); ++block) {
        const std::int64_t first = block * line_block;
        const std::int64_t width = block_width(block, columns_);
        std::memset(spectra, 0, static_cast<std::size_t>(half_ * line_block) * sizeof(fftwf_complex));
        for (std::int64_t z = 0; z < half_; ++z) {
          std::memcpy(spectra + z * line_block, grid_.data() + (z * rows_ + y + edge_) * columns_ + first,
                      static_cast<std::size_t>(width) * sizeof(fftwf_complex));
        }
        real_lines_inverse_.complex_to_real(spectra, lines);
        for (std::int64_t z = -edge_; z <= edge_; ++z) {
          const float* source = lines + wrap(z) * line_block;
          float* w = compensation_.data() + place(first, y, z);
          for (std::int64_t c = 0; c < width; ++c) {
            if (!(density_.at(first + c, y, z) > 0)) continue;
            const float smoothed = std::abs(source[c]);
            error = std::max(error, std::abs(smoothed - 1.0f));
            w[c] = std::min(w[c] / std::max(smoothed, 1e-6f), 1e20f);
          }
        }
      }
      row_error_[static_cast<std::size_t>(y + edge_)] = error;
    }
    return *std::max_element(row_error_.begin(), row_error_.end());
  }

  const SamplingDensity& density_;
  AlignedArray<float>& compensation_;
  std::int64_t size_, edge_, columns_, rows_, half_;
  std::vector<float> kernel_;
  AlignedArray<fftwf_complex> grid_;  // [half z][rows y][columns x]
  ThreadScratch<float> real_scratch_;
  ThreadScratch<fftwf_complex> line_scratch_;
  ThreadScratch<float> row_scratch_;
  ThreadScratch<fftwf_complex> spectrum_scratch_;
  ThreadScratch<fftwf_complex> plane_scratch_;
  FftwPlan real_lines_forward_, real_lines_inverse_, lines_forward_, lines_inverse_, row_forward_, row_inverse_;
  std::vector<float> row_error_;
};

}  // namespace

CompensationReport compensate_density(const SamplingDensity& density, std::int64_t size, double kernel_radius_px,
                                      std::int64_t most_iterations, AlignedArray<float>& compensation) {
  const std::int64_t edge = density.edge();
#pragma omp parallel for schedule(static)
  for (std::int64_t z = -edge; z <= edge; ++z) {
    float* w = compensation.data() + (z + edge) * (2 * edge + 1) * (edge + 1);
    for (std::int64_t y = -edge; y <= edge; ++y) {
      for (std::int64_t x = 0; x <= edge; ++x) *w++ = density.at(x, y, z) > 0 ? 1.0f : 0.0f;
    }
  }
  Loop loop(density, size, kernel_radius_px, compensation);
  CompensationReport report{0, std::numeric_limits<double>::infinity()};
  int stalled = 0;
  while (report.iterations < most_iterations) {
    const double previous = report.error;
    report.error = loop.iterate();
    ++report.iterations;
    stalled = report.error > 0.95 * previous ? stalled + 1 : 0;
    if (report.error < 0.01 || (report.iterations >= 10 && stalled >= 2)) break;
  }
  return report;
}

}  // namespace vitreous
