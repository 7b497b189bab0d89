#pragma once

#include <cstdint>
#include <vector>

namespace vitreous {

// Some pixels of a band as the rows of a plane: what a separable phase factor wants, and neighbours in the image stay
// neighbours in the volume. The plane is [2 max_ky + 1][row_stride], row ky + max_ky, column kx.
struct RasterBand {
  std::int32_t max_kx = 0;
  std::int32_t max_ky = 0;
  std::int64_t row_stride = 0;          // max_kx + 1 rounded up to a multiple of 8
  std::vector<std::int32_t> row_first;  // [2 max_ky + 1] first column in use
  std::vector<std::int32_t> row_end;    // [2 max_ky + 1] one past the last; 0: an empty row
  std::vector<std::int32_t> source;     // place in the band of each pixel, in raster order
  std::vector<std::int32_t> place;      // its place in the plane

  std::int64_t pixel_count() const noexcept { return static_cast<std::int64_t>(source.size()); }
  std::int64_t row_count() const noexcept { return 2 * std::int64_t{max_ky} + 1; }
  std::int64_t plane_length() const noexcept { return row_stride * row_count(); }
  // Columns from row_first to row_end over all rows: at least pixel_count().
  std::int64_t column_count() const noexcept;
};

// Pixels [0, pixel_count) of the band with shell <= max_shell and padding |k| <= radius. Throws std::runtime_error where a
// frequency lies outside 0 <= kx, |ky| <= box_px / 2, or a shell below 0.
RasterBand make_raster_band(const std::int32_t* band_kx, const std::int32_t* band_ky, const std::int32_t* band_shell,
                            std::int64_t pixel_count, std::int64_t box_px, std::int64_t max_shell,
                            double padding_factor, std::int64_t radius);

// Throws std::runtime_error unless every index of `list` lies in [0, limit).
void require_rows(const char* what, const std::int32_t* list, std::int64_t count, std::int64_t limit);

}  // namespace vitreous
