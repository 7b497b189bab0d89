#pragma once

#include <cstdint>

namespace vitreous {

// rows[shift][2][stride]: cos and sin of 2 pi k t / N for pixels [first_pixel, first_pixel + pixels) of a band, the rest of
// a row 0, as the product of one table per axis.
void fill_phase_rows(const std::int32_t* band_kx, const std::int32_t* band_ky, std::int64_t first_pixel,
                     std::int64_t pixels, std::int64_t box_px, const float* shifts_px, std::int64_t shift_count,
                     std::int64_t stride, float* rows);

}  // namespace vitreous
