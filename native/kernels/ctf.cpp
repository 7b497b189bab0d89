#include "kernels/ctf.h"

#include <cmath>

#include "simd/ctf.h"
#include "simd/dispatch.h"

namespace vitreous {

namespace {

constexpr double pi = 3.14159265358979323846;

CtfPhase phase_of(const double* optics, std::int64_t box_px) noexcept {
  const double mean_defocus_a = (optics[0] + optics[1]) / 2;
  const double half_difference_a = (optics[0] - optics[1]) / 2;
  const double angle_rad = optics[2];
  const double voltage_v = optics[3];
  const double spherical_aberration_a = optics[4];
  const double amplitude_contrast = optics[5];
  const double phase_shift_rad = optics[6];
  const double wavelength_a = 12.2643247 / std::sqrt(voltage_v * (1 + 0.978466e-6 * voltage_v));
  const double step = 1 / (static_cast<double>(box_px) * optics[7]);  // 1/A per index
  const double cos2 = std::cos(2 * angle_rad);
  const double sin2 = std::sin(2 * angle_rad);
  // chi / (2 pi) = -lambda z s^2 / 2 + Cs lambda^3 s^4 / 4
  const double square = -0.5 * wavelength_a * step * step;
  return {.xx = square * (mean_defocus_a + half_difference_a * cos2),
          .xy = square * 2 * half_difference_a * sin2,
          .yy = square * (mean_defocus_a - half_difference_a * cos2),
          .quartic = 0.25 * spherical_aberration_a * wavelength_a * wavelength_a * wavelength_a * step * step * step * step,
          .offset = -(phase_shift_rad + std::asin(amplitude_contrast)) / (2 * pi)};
}

}  // namespace

void ctf(std::int64_t box_px, const std::int32_t* kx, const std::int32_t* ky, std::int64_t pixel_count,
         const double* optics, std::int64_t image_count, float* out) noexcept {
  const Isa isa = active_isa();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < image_count; ++image) {
    const CtfPhase phase = phase_of(optics + image * ctf_optics_fields, box_px);
    float* row = out + image * pixel_count;
    switch (isa) {
      case Isa::avx512: avx512::ctf_row(phase, kx, ky, pixel_count, row); break;
      case Isa::avx2: avx2::ctf_row(phase, kx, ky, pixel_count, row); break;
      case Isa::sse2: sse2::ctf_row(phase, kx, ky, pixel_count, row); break;
    }
  }
}

}  // namespace vitreous
