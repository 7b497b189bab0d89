#include "kernels/raster_band.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace vitreous {

std::int64_t RasterBand::column_count() const noexcept {
  std::int64_t count = 0;
  for (std::size_t row = 0; row < row_end.size(); ++row) count += row_end[row] - row_first[row];
  return count;
}

RasterBand make_raster_band(const std::int32_t* band_kx, const std::int32_t* band_ky, const std::int32_t* band_shell,
                            std::int64_t pixel_count, std::int64_t box_px, std::int64_t max_shell,
                            double padding_factor, std::int64_t radius) {
  RasterBand band;
  const double limit = static_cast<double>(radius) * static_cast<double>(radius);
  for (std::int64_t pixel = 0; pixel < pixel_count; ++pixel) {
    const std::int32_t kx = band_kx[pixel];
    const std::int32_t ky = band_ky[pixel];
    if (kx < 0 || 2 * std::int64_t{kx} > box_px || 2 * std::abs(std::int64_t{ky}) > box_px || band_shell[pixel] < 0) {
      throw std::runtime_error("band pixel " + std::to_string(pixel) + ": expected 0 <= kx, |ky| <= boxPx / 2 and shell >= 0, got kx " +
                               std::to_string(kx) + ", ky " + std::to_string(ky) + ", shell " +
                               std::to_string(band_shell[pixel]) + ". Pass the arrays of geometry/band.ts.");
    }
    const double squared = static_cast<double>(kx) * kx + static_cast<double>(ky) * ky;
    if (band_shell[pixel] > max_shell || padding_factor * padding_factor * squared > limit) continue;
    band.source.push_back(static_cast<std::int32_t>(pixel));
    band.max_kx = std::max(band.max_kx, kx);
    band.max_ky = std::max(band.max_ky, std::abs(ky));
  }
  band.row_stride = (std::int64_t{band.max_kx} + 8) / 8 * 8;
  const auto place_of = [&](std::int32_t pixel) {
    return (std::int64_t{band_ky[pixel]} + band.max_ky) * band.row_stride + band_kx[pixel];
  };
  std::stable_sort(band.source.begin(), band.source.end(),
                   [&](std::int32_t a, std::int32_t b) { return place_of(a) < place_of(b); });
  band.row_first.assign(static_cast<std::size_t>(band.row_count()), 0);
  band.row_end.assign(static_cast<std::size_t>(band.row_count()), 0);
  for (const std::int32_t pixel : band.source) {
    const auto row = static_cast<std::size_t>(band_ky[pixel] + band.max_ky);
    if (band.row_end[row] == 0) band.row_first[row] = band_kx[pixel];
    band.row_end[row] = band_kx[pixel] + 1;
    band.place.push_back(static_cast<std::int32_t>(place_of(pixel)));
  }
  return band;
}

void require_rows(const char* what, const std::int32_t* list, std::int64_t count, std::int64_t limit) {
  for (std::int64_t index = 0; index < count; ++index) {
    if (list[index] >= 0 && list[index] < limit) continue;
    throw std::runtime_error(std::string(what) + "[" + std::to_string(index) + "]: expected a row from 0 to " +
                             std::to_string(limit - 1) + ", got " + std::to_string(list[index]) + ".");
  }
}

}  // namespace vitreous
