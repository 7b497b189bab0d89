#include "kernels/tile_band.h"

#include "kernels/raster_band.h"

namespace vitreous {

TileBand make_tile_band(const std::int32_t* band_kx, const std::int32_t* band_ky, const std::int32_t* band_shell,
                        std::int64_t pixel_count, std::int64_t box_px, std::int64_t max_shell, double padding_factor,
                        std::int64_t radius) {
  const RasterBand raster =
      make_raster_band(band_kx, band_ky, band_shell, pixel_count, box_px, max_shell, padding_factor, radius);
  TileBand band;
  band.max_kx = raster.max_kx;
  band.max_ky = raster.max_ky;
  band.first_ky = -raster.max_ky;
  band.column_count = raster.max_kx / tile_side + 1;
  band.row_count = 2 * raster.max_ky / tile_side + 1;
  const auto sized = [](std::int64_t count) { return static_cast<std::size_t>(count); };
  std::vector<std::int32_t> sources(sized(std::int64_t{band.column_count} * band.row_count * tile_pixels), -1);
  std::vector<bool> is_used(sized(std::int64_t{band.column_count} * band.row_count), false);
  for (std::size_t pixel = 0; pixel < raster.source.size(); ++pixel) {
    const auto x = static_cast<std::int32_t>(raster.place[pixel] % raster.row_stride);
    const auto y = static_cast<std::int32_t>(raster.place[pixel] / raster.row_stride);
    const std::int64_t tile = std::int64_t{y / tile_side} * band.column_count + x / tile_side;
    sources[sized(tile * tile_pixels + (y % tile_side) * tile_side + x % tile_side)] = raster.source[pixel];
    is_used[sized(tile)] = true;
  }
  for (std::int32_t row = 0; row < band.row_count; ++row) {
    for (std::int32_t column = 0; column < band.column_count; ++column) {
      const std::int64_t tile = std::int64_t{row} * band.column_count + column;
      if (!is_used[sized(tile)]) continue;
      band.column.push_back(column);
      band.row.push_back(row);
      const auto first = sources.begin() + tile * tile_pixels;
      band.source.insert(band.source.end(), first, first + tile_pixels);
    }
  }
  return band;
}

}  // namespace vitreous
