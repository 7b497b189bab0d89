#include "kernels/map_transform.h"

#include <algorithm>
#include <cstring>

#include "kernels/gridding_lines.h"

namespace vitreous {

namespace {

// F times its weight at x = 0, 1 ... of a line, as far as it is inside: 1/D, or what the gridding loop found, over the mean of D.
// `compensation` is that of the line or null. Returns how many.
std::int64_t weigh_line(const float* forward, const SamplingDensity& density, const float* compensation, std::int64_t y,
                        std::int64_t z, fftwf_complex* out) noexcept {
  const std::int64_t count = density.inside(y, z);
  if (compensation == nullptr) {
    density.weighted_run(forward, count, y, z, &out[0][0]);
    return count;
  }
  const float scale = density.mean() > 0 ? static_cast<float>(1 / density.mean()) : 0.0f;
  const auto* const source = reinterpret_cast<const fftwf_complex*>(forward) + density.layout().index(0, y, z);
  for (std::int64_t x = 0; x < count; ++x) {
    // W is 0 where D is.
    const float w = compensation[x] * scale;
    out[x][0] = source[x][0] * w;
    out[x][1] = source[x][1] * w;
  }
  return count;
}

// Where voxel x of the map lies on the M grid, whose origin is the map's centre.
std::int64_t place(std::int64_t x, std::int64_t n, std::int64_t size) noexcept {
  return x < n / 2 ? x - n / 2 + size : x - n / 2;
}

}  // namespace

void map_lines(const float* forward, const SamplingDensity& density, const float* compensation, std::int64_t box_px,
               std::int64_t size, fftwf_complex* grid) {
  const std::int64_t edge = density.edge();
  const std::int64_t columns = edge + 1;
  const GridRows rows = grid_rows(density);
  ThreadScratch<fftwf_complex> line_scratch(size * line_block);
  ThreadScratch<fftwf_complex> weighed_scratch((2 * edge + 1) * columns);
  ThreadScratch<fftwf_complex> row_scratch(box_px * columns);
  const FftwPlan line_plan = plan_lines(size, FFTW_BACKWARD);
#pragma omp parallel for schedule(dynamic, 1)
  for (std::int64_t row = 0; row < rows.count; ++row) {
    const std::int64_t y = rows.first + row;
    // Lines beyond the last column inside are 0.
    const std::int64_t used = density.inside(y, 0);
    fftwf_complex* const lines = line_scratch.mine();
    fftwf_complex* const weighed = weighed_scratch.mine();
    fftwf_complex* const done = row_scratch.mine();
    // Whole lines along x at a time, here and at the end: what neighbours along z lies far apart.
    for (std::int64_t z = -edge; z <= edge; ++z) {
      fftwf_complex* const line = weighed + (z + edge) * columns;
      const float* const own =
          compensation == nullptr ? nullptr : compensation + (row * (2 * edge + 1) + z + edge) * columns;
      const std::int64_t count = weigh_line(forward, density, own, y, z, line);
      std::memset(line + count, 0, static_cast<std::size_t>(used - std::min(used, count)) * sizeof(fftwf_complex));
    }
    for (std::int64_t first = 0; first < used; first += line_block) {
      const auto bytes = static_cast<std::size_t>(std::min(line_block, used - first)) * sizeof(fftwf_complex);
      std::memset(lines, 0, static_cast<std::size_t>(size * line_block) * sizeof(fftwf_complex));
      for (std::int64_t z = -edge; z <= edge; ++z) {
        std::memcpy(lines + (z < 0 ? z + size : z) * line_block, weighed + (z + edge) * columns + first, bytes);
      }
      line_plan.complex_to_complex(lines, lines);
      for (std::int64_t z = 0; z < box_px; ++z) {
        std::memcpy(done + z * columns + first, lines + place(z, box_px, size) * line_block, bytes);
      }
    }
    for (std::int64_t z = 0; z < box_px; ++z) {
      fftwf_complex* const target = grid + (z * rows.count + row) * columns;
      std::memcpy(target, done + z * columns, static_cast<std::size_t>(used) * sizeof(fftwf_complex));
      std::memset(target + used, 0, static_cast<std::size_t>(columns - used) * sizeof(fftwf_complex));
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
