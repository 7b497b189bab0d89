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
//   envelope  [image_count][2] B-factor A^2, scale; null: 0 and 1
//   even_phase  [even_phase_rows][pixel_count] rad, taken off the argument of the sine; null: none
//   even_phase_row  [image_count] row of even_phase, below 0 for none
//   out     [image_count][pixel_count], overwritten
// Throws std::out_of_range for a row that does not exist, before any work is done.
struct CtfBatch {
  std::int64_t box_px;
  const std::int32_t* kx;
  const std::int32_t* ky;
  std::int64_t pixel_count;
  const double* optics;
  std::int64_t image_count;
  const double* envelope;
  const double* even_phase;
  const std::int32_t* even_phase_row;
  std::int64_t even_phase_rows;
  float* out;
};
void ctf(const CtfBatch& batch);

}  // namespace vitreous
