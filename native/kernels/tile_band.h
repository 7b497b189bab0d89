#pragma once

#include <cstdint>
#include <vector>

namespace vitreous {

// Pixels of a band in tiles of 4 × 4, kx along a row: what an insertion adds up in one small box of voxels.
constexpr std::int32_t tile_side = 4;
constexpr std::int32_t tile_pixels = tile_side * tile_side;
// Re, Im and weight of a tile's pixels: three planes.
constexpr std::int64_t tile_floats = 3 * tile_pixels;

// The tiles that have a pixel in use, of a grid of column_count × row_count from (0, first_ky) on.
struct TileBand {
  std::int32_t column_count = 0;
  std::int32_t row_count = 0;
  std::int32_t first_ky = 0;
  std::int32_t max_kx = 0;
  std::int32_t max_ky = 0;
  std::vector<std::int32_t> column;  // [tile] in raster order
  std::vector<std::int32_t> row;
  std::vector<std::int32_t> source;  // [tile][16] place in the band; -1: no pixel

  std::int64_t tile_count() const noexcept { return static_cast<std::int64_t>(column.size()); }
};

// Pixels [0, pixel_count) of the band with shell <= max_shell and padding |k| <= radius; throws as make_raster_band does.
TileBand make_tile_band(const std::int32_t* band_kx, const std::int32_t* band_ky, const std::int32_t* band_shell,
                        std::int64_t pixel_count, std::int64_t box_px, std::int64_t max_shell, double padding_factor,
                        std::int64_t radius);

}  // namespace vitreous
