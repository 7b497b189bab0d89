#include "kernels/slice_patches.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <stdexcept>

namespace vitreous {

namespace {

// The columns in use of the rows +ky and -ky together.
struct Extent {
  std::int32_t first = std::numeric_limits<std::int32_t>::max();
  std::int32_t last = -1;
};

void append_row(SlicePatches& out, std::int32_t ky, std::int32_t first_kx, const Extent& extent) {
  out.rows.push_back({ky, first_kx, std::min(patch_lanes, extent.last - first_kx + 1)});
  for (const std::int32_t lane : patch_lane_kx) {
    out.kx.push_back(static_cast<float>(std::clamp(first_kx + lane, extent.first, extent.last)));
  }
}

}  // namespace

SlicePatches make_slice_patches(const std::int32_t* band_kx, const std::int32_t* band_ky, const std::int32_t* band_shell,
                                std::int64_t first_pixel, std::int64_t end_pixel, std::int64_t box_px,
                                std::int64_t max_shell, std::int64_t shell_count, double padding_factor,
                                std::int64_t volume_radius) {
  const double radius = static_cast<double>(volume_radius) / padding_factor;
  const auto is_used = [&](std::int64_t pixel) {
    const double kx = band_kx[pixel];
    const double ky = band_ky[pixel];
    return band_shell[pixel] <= max_shell && band_shell[pixel] < shell_count && kx * kx + ky * ky <= radius * radius;
  };
  SlicePatches out;
  std::vector<Extent> extents;
  for (std::int64_t pixel = first_pixel; pixel < end_pixel; ++pixel) {
    if (band_kx[pixel] < 0 || band_kx[pixel] > box_px / 2 || std::abs(band_ky[pixel]) > box_px / 2 || band_shell[pixel] < 0) {
      throw std::runtime_error("the band holds a frequency outside the half plane of its box");
    }
    if (!is_used(pixel)) continue;
    const auto ky = static_cast<std::size_t>(std::abs(band_ky[pixel]));
    if (ky >= extents.size()) extents.resize(ky + 1);
    extents[ky].first = std::min(extents[ky].first, band_kx[pixel]);
    extents[ky].last = std::max(extents[ky].last, band_kx[pixel]);
    out.max_kx = std::max(out.max_kx, band_kx[pixel]);
    out.max_ky = std::max(out.max_ky, std::abs(band_ky[pixel]));
  }

  // [ky][block of eight kx] index of the row; -1: none.
  const std::size_t blocks = static_cast<std::size_t>(out.max_kx / patch_lanes + 1);
  std::vector<std::int64_t> row_at(extents.size() * blocks, -1);
  for (std::size_t first_ky = 0; first_ky < extents.size(); first_ky += SlicePatches::most_rows) {
    const std::size_t end_ky = std::min(extents.size(), first_ky + SlicePatches::most_rows);
    for (std::size_t block = 0; block < blocks; ++block) {
      const auto first_kx = static_cast<std::int32_t>(block) * patch_lanes;
      SlicePatch patch = {static_cast<std::int32_t>(out.rows.size()), 0};
      for (std::size_t ky = first_ky; ky < end_ky; ++ky) {
        if (first_kx > extents[ky].last || first_kx + patch_lanes <= extents[ky].first) continue;
        row_at[ky * blocks + block] = static_cast<std::int64_t>(out.rows.size());
        append_row(out, static_cast<std::int32_t>(ky), first_kx, extents[ky]);
        patch.row_count += 1;
      }
      if (patch.row_count > 0) out.patches.push_back(patch);
    }
  }

  std::int32_t lane_of[patch_lanes];
  for (std::int32_t lane = 0; lane < patch_lanes; ++lane) lane_of[patch_lane_kx[lane]] = lane;
  out.source.assign(out.rows.size() * 2 * patch_lanes, -1);
  for (std::int64_t pixel = first_pixel; pixel < end_pixel; ++pixel) {
    if (!is_used(pixel)) continue;
    const auto ky = static_cast<std::size_t>(std::abs(band_ky[pixel]));
    const std::int64_t row = row_at[ky * blocks + static_cast<std::size_t>(band_kx[pixel] / patch_lanes)];
    const std::int64_t side = 2 * row + (band_ky[pixel] < 0 ? 1 : 0);
    out.source[static_cast<std::size_t>(side * patch_lanes + lane_of[band_kx[pixel] % patch_lanes])] = pixel;
  }
  return out;
}

}  // namespace vitreous
