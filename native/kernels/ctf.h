#pragma once

#include <cstdint>

namespace vitreous {

// Numbers per image in `optics`: defocusU A, defocusV A, defocusAngle rad, voltage V, Cs A, amplitude contrast,
// phase shift rad, pixel size A.
constexpr std::int64_t ctf_optics_fields = 8;

// The phase of the CTF of one image in turns, as a polynomial of the frequency indices:
//   turns = xx kx^2 + xy kx ky + yy ky^2 + quartic (kx^2 + ky^2)^2 + offset,   CTF = -sin(2 pi turns)
struct CtfPhase {
  double xx, xy, yy, quartic, offset;
};

// Contrast transfer functions of a batch on the band.
//   kx, ky  [pixel_count] frequency indices of a box of box_px
//   optics  [image_count][8]
//   out     [image_count][pixel_count], overwritten
void ctf(std::int64_t box_px, const std::int32_t* kx, const std::int32_t* ky, std::int64_t pixel_count,
         const double* optics, std::int64_t image_count, float* out) noexcept;

}  // namespace vitreous
