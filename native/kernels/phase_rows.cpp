#include "kernels/phase_rows.h"

#include <algorithm>
#include <complex>
#include <cstdlib>
#include <numbers>

#include "kernels/thread_scratch.h"

namespace vitreous {

void fill_phase_rows(const std::int32_t* band_kx, const std::int32_t* band_ky, std::int64_t first_pixel,
                     std::int64_t pixels, std::int64_t box_px, const float* shifts_px, std::int64_t shift_count,
                     std::int64_t stride, float* rows) {
  const std::int32_t* kx = band_kx + first_pixel;
  const std::int32_t* ky = band_ky + first_pixel;
  std::int64_t reach = 0;
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
    reach = std::max<std::int64_t>({reach, std::abs(kx[pixel]), std::abs(ky[pixel])});
  }
  ThreadScratch<std::complex<double>> memory(2 * (2 * reach + 1));
#pragma omp parallel for schedule(static)
  for (std::int64_t shift = 0; shift < shift_count; ++shift) {
    std::complex<double>* along_x = memory.mine() + reach;
    std::complex<double>* along_y = along_x + 2 * reach + 1;
    for (std::int64_t k = -reach; k <= reach; ++k) {
      const double turn = 2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(box_px);
      along_x[k] = std::polar(1.0, turn * static_cast<double>(shifts_px[2 * shift]));
      along_y[k] = std::polar(1.0, turn * static_cast<double>(shifts_px[2 * shift + 1]));
    }
    float* cosines = rows + shift * 2 * stride;
    float* sines = cosines + stride;
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      const std::complex<double> x = along_x[kx[pixel]];
      const std::complex<double> y = along_y[ky[pixel]];
      cosines[pixel] = static_cast<float>(x.real() * y.real() - x.imag() * y.imag());
      sines[pixel] = static_cast<float>(x.real() * y.imag() + x.imag() * y.real());
    }
    std::fill(cosines + pixels, cosines + stride, 0.0f);
    std::fill(sines + pixels, sines + stride, 0.0f);
  }
}

}  // namespace vitreous
