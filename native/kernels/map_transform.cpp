#include "kernels/map_transform.h"

#include <cstring>

#include "kernels/gridding_lines.h"

namespace vitreous {

namespace {

// 1/D, or what the gridding loop found, over the mean of D.
class Weights {
 public:
  Weights(const SamplingDensity& density, const float* compensation, std::int64_t first_row)
      : density_(density),
        compensation_(compensation),
        first_row_(first_row),
        scale_(density.mean() > 0 ? static_cast<float>(1 / density.mean()) : 0.0f) {}

  float at(std::int64_t x, std::int64_t y, std::int64_t z) const noexcept {
    const float d = density_.at(x, y, z);
    if (!(d > 0)) return 0.0f;
    if (compensation_ == nullptr) return scale_ / d;
    const std::int64_t edge = density_.edge();
    return compensation_[((y - first_row_) * (2 * edge + 1) + z + edge) * (edge + 1) + x] * scale_;
  }

 private:
  const SamplingDensity& density_;
  const float* compensation_;
  std::int64_t first_row_;
  float scale_;
};

// Where voxel x of the map lies on the M grid, whose origin is the map's centre.
std::int64_t place(std::int64_t x, std::int64_t n, std::int64_t size) noexcept {
  return x < n / 2 ? x - n / 2 + size : x - n / 2;
}

}  // namespace

void map_lines(const float* forward_volume, const SamplingDensity& density, const float* compensation,
               std::int64_t box_px, std::int64_t size, fftwf_complex* grid) {
  const std::int64_t edge = density.edge();
  const std::int64_t columns = edge + 1;
  const GridRows rows = grid_rows(density);
  const auto* forward = reinterpret_cast<const fftwf_complex*>(forward_volume);
  const Weights weights(density, compensation, rows.first);
  ThreadScratch<fftwf_complex> line_scratch(size * line_block);
  const FftwPlan line_plan = plan_lines(size, FFTW_BACKWARD);
#pragma omp parallel for schedule(dynamic, 1)
  for (std::int64_t row = 0; row < rows.count; ++row) {
    const std::int64_t y = rows.first + row;
    fftwf_complex* lines = line_scratch.mine();
    for (std::int64_t block = 0; block < block_count(columns); ++block) {
      const std::int64_t first = block * line_block;
      const std::int64_t width = block_width(block, columns);
      std::memset(lines, 0, static_cast<std::size_t>(size * line_block) * sizeof(fftwf_complex));
      for (std::int64_t z = -edge; z <= edge; ++z) {
        fftwf_complex* target = lines + (z < 0 ? z + size : z) * line_block;
        for (std::int64_t c = 0; c < width; ++c) {
          const float w = weights.at(first + c, y, z);
          if (w == 0.0f) continue;
          const fftwf_complex& f = forward[density.layout().index(first + c, y, z)];
          target[c][0] = f[0] * w;
          target[c][1] = f[1] * w;
        }
      }
      line_plan.complex_to_complex(lines, lines);
      for (std::int64_t z = 0; z < box_px; ++z) {
        std::memcpy(grid + (z * rows.count + row) * columns + first, lines + place(z, box_px, size) * line_block,
                    static_cast<std::size_t>(width) * sizeof(fftwf_complex));
      }
    }
  }
}

void map_planes(const fftwf_complex* grid, const RowBlocks& row_blocks, std::int64_t n, std::int64_t size,
                std::int64_t edge, std::int64_t first_plane, std::int64_t plane_count, float* map) {
  const std::int64_t columns = edge + 1;
  const std::int64_t half = size / 2 + 1;
  ThreadScratch<fftwf_complex> line_scratch(size * line_block);
  ThreadScratch<fftwf_complex> middle_scratch(n * columns);
  ThreadScratch<fftwf_complex> spectrum_scratch(half);
  ThreadScratch<float> row_scratch(size);
  const FftwPlan line_plan = plan_lines(size, FFTW_BACKWARD);
  const FftwPlan row_plan = plan_row(size, FFTW_BACKWARD);
  const std::vector<double> correction = interpolation_correction(n, size);
  const double voxels = static_cast<double>(size) * static_cast<double>(size) * static_cast<double>(size);
#pragma omp parallel for schedule(static)
  for (std::int64_t index = 0; index < plane_count; ++index) {
    const std::int64_t z = first_plane + index;
    fftwf_complex* lines = line_scratch.mine();
    fftwf_complex* middle = middle_scratch.mine();
    fftwf_complex* spectrum = spectrum_scratch.mine();
    float* row = row_scratch.mine();
    for (std::int64_t block = 0; block < block_count(columns); ++block) {
      const auto bytes = static_cast<std::size_t>(block_width(block, columns)) * sizeof(fftwf_complex);
      std::memset(lines, 0, static_cast<std::size_t>(size * line_block) * sizeof(fftwf_complex));
      for (std::int64_t y = -edge; y <= edge; ++y) {
        std::memcpy(lines + (y < 0 ? y + size : y) * line_block,
                    grid + row_blocks.offset(index, y + edge) + block * line_block, bytes);
      }
      line_plan.complex_to_complex(lines, lines);
      for (std::int64_t y = 0; y < n; ++y) {
        std::memcpy(middle + y * columns + block * line_block, lines + place(y, n, size) * line_block, bytes);
      }
    }
    for (std::int64_t y = 0; y < n; ++y) {
      std::memcpy(spectrum, middle + y * columns, static_cast<std::size_t>(columns) * sizeof(fftwf_complex));
      std::memset(spectrum + columns, 0, static_cast<std::size_t>(half - columns) * sizeof(fftwf_complex));
      row_plan.complex_to_real(spectrum, row);
      const double factor = correction[static_cast<std::size_t>(z)] * correction[static_cast<std::size_t>(y)] / voxels;
      float* target = map + (index * n + y) * n;
      for (std::int64_t x = 0; x < n; ++x) {
        target[x] = static_cast<float>(row[place(x, n, size)] * (factor * correction[static_cast<std::size_t>(x)]));
      }
    }
  }
}

}  // namespace vitreous
