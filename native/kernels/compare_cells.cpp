#include "kernels/compare_cells.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/aligned_array.h"
#include "kernels/thread_scratch.h"
#include "simd/compare_cells.h"
#include "simd/dispatch.h"

namespace vitreous {

namespace {

CompareCellsOfImage kernel_in_force() {
  switch (active_isa()) {
    case Isa::avx512: return avx512::compare_cells_of_image;
    case Isa::avx2: return avx2::compare_cells_of_image;
    case Isa::sse2: break;
  }
  return sse2::compare_cells_of_image;
}

void require_range(const char* name, const std::int32_t* values, std::int64_t count, std::int64_t lowest,
                   std::int64_t limit) {
  for (std::int64_t i = 0; i < count; ++i) {
    if (values[i] >= lowest && values[i] < limit) continue;
    throw std::runtime_error(std::string(name) + "[" + std::to_string(i) + "]: expected " + std::to_string(lowest) +
                             " to " + std::to_string(limit - 1) + ", got " + std::to_string(values[i]) + ".");
  }
}

// A list of starts that rises from 0 to at most `limit`.
void require_rising(const char* name, const std::int32_t* starts, std::int64_t count, std::int64_t limit) {
  std::int64_t before = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t start = starts[i];
    if (start < before || start > limit || (i == 0 && start != 0)) {
      throw std::runtime_error(std::string(name) + "[" + std::to_string(i) + "]: expected a rising count from 0 to " +
                               std::to_string(limit) + ", got " + std::to_string(start) + ".");
    }
    before = start;
  }
}

// Steps of the grid beyond which no shift lies: more would be a table that fits no memory.
constexpr std::int64_t most_steps = 1 << 12;

void check(const CompareCellsJob& job) {
  const std::int64_t pixels = 16 * job.row_count;
  require_range("columnSource", job.column_source, pixels, -1, job.band_pixel_count);
  require_range("columnKx", job.column_kx, pixels, 0, job.box_px);
  require_range("columnKy", job.column_ky, pixels, -job.box_px, job.box_px);
  require_range("shiftSteps", job.shift_steps, 2 * job.shift_count, -most_steps, most_steps + 1);
  require_range("cellSlice", job.cell_slice, job.cell_count, 0, job.slice_count);
  require_range("cellShift", job.cell_shift, job.cell_count, 0, job.shift_count);
  require_rising("chunkStart", job.chunk_start, job.chunk_count + 1, job.row_count);
  require_rising("cellStart", job.cell_start, job.image_count + 1, job.cell_count);
}

std::int64_t largest_of(const std::int32_t* values, std::int64_t count) {
  std::int64_t largest = 0;
  for (std::int64_t i = 0; i < count; ++i) largest = std::max<std::int64_t>(largest, std::abs(values[i]));
  return largest;
}

// rows[step][lane row][2][8]: cos and sin of 2 pi k t / N of the first eight of every sixteen k of `frequencies`.
void fill_phases(const CompareCellsJob& job, std::int64_t reach, const std::vector<std::int64_t>& lane_rows,
                 const std::int32_t* frequencies, float* rows) {
  const std::int64_t most = largest_of(frequencies, 16 * job.row_count);
  std::vector<float> cosine(static_cast<std::size_t>(2 * most + 1));
  std::vector<float> sine(cosine.size());
  for (std::int64_t step = -reach; step <= reach; ++step) {
    const double turn = 2.0 * std::numbers::pi * static_cast<double>(step) * job.step_px / static_cast<double>(job.box_px);
    for (std::int64_t k = -most; k <= most; ++k) {
      cosine[static_cast<std::size_t>(k + most)] = static_cast<float>(std::cos(turn * static_cast<double>(k)));
      sine[static_cast<std::size_t>(k + most)] = static_cast<float>(std::sin(turn * static_cast<double>(k)));
    }
    for (const std::int64_t row : lane_rows) {
      for (int lane = 0; lane < 8; ++lane, ++rows) {
        const auto place = static_cast<std::size_t>(frequencies[16 * row + lane] + most);
        rows[0] = cosine[place];
        rows[8] = sine[place];
      }
      rows += 8;
    }
  }
}

}  // namespace

void compare_cells(const CompareCellsJob& job) {
  check(job);
  if (job.image_count == 0 || job.cell_count == 0) return;
  const std::int64_t reach = largest_of(job.shift_steps, 2 * job.shift_count) + 2;
  const std::int64_t steps = 2 * reach + 1;

  std::vector<std::int64_t> rows;
  for (std::int64_t row = 0; row < job.row_count; ++row) rows.push_back(row);
  AlignedArray<float> phase_y(steps * job.row_count * 16);
  fill_phases(job, reach, rows, job.column_ky, phase_y.data());
  // The kx of a lane are those of its chunk's first row.
  rows.clear();
  for (std::int64_t chunk = 0; chunk < job.chunk_count; ++chunk) {
    rows.push_back(std::min<std::int64_t>(job.chunk_start[chunk], job.row_count - 1));
  }
  AlignedArray<float> phase_x(steps * job.chunk_count * 16);
  fill_phases(job, reach, rows, job.column_kx, phase_x.data());
  std::vector<std::int32_t> shift_at(static_cast<std::size_t>(steps * steps), -1);
  for (std::int64_t shift = 0; shift < job.shift_count; ++shift) {
    const std::int64_t x = job.shift_steps[2 * shift] + reach;
    const std::int64_t y = job.shift_steps[2 * shift + 1] + reach;
    shift_at[static_cast<std::size_t>(y * steps + x)] = static_cast<std::int32_t>(shift);
  }

  const CompareCellsTables tables = {reach, phase_y.data(), phase_x.data(), shift_at.data()};
  ThreadScratch<float> memory(48 * job.row_count + steps * prior_stride(reach));
  const CompareCellsOfImage kernel = kernel_in_force();
  // Dynamic is safe: an image's results depend on no other image.
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t image = 0; image < job.image_count; ++image) {
    if (job.cell_start[image] == job.cell_start[image + 1]) continue;
    float* const own = memory.mine();
    kernel(job, tables, {own, own + 48 * job.row_count}, image);
  }
}

}  // namespace vitreous
