#include "kernels/row_grid.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <stdexcept>

namespace vitreous {

namespace {

struct Row {
  std::int32_t first = std::numeric_limits<std::int32_t>::max();
  std::int32_t last = -1;
  std::int64_t first_position = 0;  // of `first`, in plus and minus
};

void append_run(RowGrid& grid, std::int32_t ky, std::int32_t first_kx, std::int32_t count) {
  const std::int32_t padded = (count + 7) / 8 * 8;
  if (grid.blocks.empty() || grid.blocks.back().position_count + padded > RowGrid::max_run) {
    grid.blocks.push_back({static_cast<std::int32_t>(grid.runs.size()), 0, 0, grid.group_count()});
  }
  RowBlock& block = grid.blocks.back();
  grid.runs.push_back({ky, first_kx, count, block.position_count});
  block.run_count += 1;
  block.position_count += padded;
  grid.plus.resize(grid.plus.size() + static_cast<std::size_t>((count + 3) / 4 * 4), -1);
}

}  // namespace

RowGrid make_row_grid(const std::int32_t* band_kx, const std::int32_t* band_ky, const std::int32_t* band_shell,
                      std::int64_t first_pixel, std::int64_t end_pixel, std::int64_t box_px, std::int64_t max_shell,
                      std::int64_t shell_count, double padding_factor, std::int64_t volume_radius) {
  const double radius = static_cast<double>(volume_radius) / padding_factor;
  const auto is_used = [&](std::int64_t pixel) {
    const double kx = band_kx[pixel];
    const double ky = band_ky[pixel];
    return band_shell[pixel] <= max_shell && band_shell[pixel] < shell_count && kx * kx + ky * ky <= radius * radius;
  };
  RowGrid grid;
  std::vector<Row> rows;
  for (std::int64_t pixel = first_pixel; pixel < end_pixel; ++pixel) {
    if (band_kx[pixel] < 0 || band_kx[pixel] > box_px / 2 || std::abs(band_ky[pixel]) > box_px / 2 || band_shell[pixel] < 0) {
      throw std::runtime_error("the band holds a frequency outside the half plane of its box");
    }
    if (!is_used(pixel)) continue;
    const auto ky = static_cast<std::size_t>(std::abs(band_ky[pixel]));
    if (ky >= rows.size()) rows.resize(ky + 1);
    rows[ky].first = std::min(rows[ky].first, band_kx[pixel]);
    rows[ky].last = std::max(rows[ky].last, band_kx[pixel]);
  }

  for (std::size_t ky = 0; ky < rows.size(); ++ky) {
    Row& row = rows[ky];
    if (row.last < 0) continue;
    row.first_position = static_cast<std::int64_t>(grid.plus.size());
    for (std::int32_t kx = row.first; kx <= row.last; kx += RowGrid::max_run) {
      append_run(grid, static_cast<std::int32_t>(ky), kx, std::min(RowGrid::max_run, row.last - kx + 1));
    }
    grid.max_kx = std::max(grid.max_kx, row.last);
    grid.max_ky = static_cast<std::int32_t>(ky);
  }

  grid.minus.assign(grid.plus.size(), -1);
  for (std::int64_t pixel = first_pixel; pixel < end_pixel; ++pixel) {
    if (!is_used(pixel)) continue;
    const Row& row = rows[static_cast<std::size_t>(std::abs(band_ky[pixel]))];
    const auto position = static_cast<std::size_t>(row.first_position + band_kx[pixel] - row.first);
    (band_ky[pixel] >= 0 ? grid.plus : grid.minus)[position] = pixel;
  }
  return grid;
}

}  // namespace vitreous
