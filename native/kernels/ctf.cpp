#include "kernels/ctf.h"

#include <cmath>
#include <stdexcept>

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

// scale * exp(-B |s|^2 / 4)
void multiply_envelope(const CtfBatch& batch, const double* optics, const double* envelope, float* row) noexcept {
  const double step = 1 / (static_cast<double>(batch.box_px) * optics[7]);
  const double fall = -envelope[0] * step * step / 4;
  for (std::int64_t i = 0; i < batch.pixel_count; ++i) {
    const auto x = static_cast<double>(batch.kx[i]);
    const auto y = static_cast<double>(batch.ky[i]);
    row[i] = static_cast<float>(row[i] * envelope[1] * std::exp(fall * (x * x + y * y)));
  }
}

}  // namespace

void ctf(const CtfBatch& batch) {
  for (std::int64_t image = 0; batch.even_phase != nullptr && image < batch.image_count; ++image) {
    if (batch.even_phase_row[image] >= batch.even_phase_rows) throw std::out_of_range("evenPhaseRow must be a row of evenPhase");
  }
  const Isa isa = active_isa();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < batch.image_count; ++image) {
    const double* optics = batch.optics + image * ctf_optics_fields;
    const CtfPhase phase = phase_of(optics, batch.box_px);
    float* row = batch.out + image * batch.pixel_count;
    const std::int64_t even_row = batch.even_phase != nullptr ? batch.even_phase_row[image] : -1;
    if (even_row >= 0) {
      // Few optics groups have one: plain, in double precision.
      const double* even = batch.even_phase + even_row * batch.pixel_count;
      for (std::int64_t i = 0; i < batch.pixel_count; ++i) {
        const auto x = static_cast<double>(batch.kx[i]);
        const auto y = static_cast<double>(batch.ky[i]);
        const double square = x * x + y * y;
        const double turns =
            phase.xx * x * x + phase.xy * x * y + phase.yy * y * y + phase.quartic * square * square + phase.offset;
        row[i] = static_cast<float>(-std::sin(2 * pi * turns + even[i]));
      }
    } else {
      switch (isa) {
        case Isa::avx512: avx512::ctf_row(phase, batch.kx, batch.ky, batch.pixel_count, row); break;
        case Isa::avx2: avx2::ctf_row(phase, batch.kx, batch.ky, batch.pixel_count, row); break;
        case Isa::sse2: sse2::ctf_row(phase, batch.kx, batch.ky, batch.pixel_count, row); break;
      }
    }
    if (batch.envelope != nullptr) multiply_envelope(batch, optics, batch.envelope + 2 * image, row);
  }
}

}  // namespace vitreous
