#pragma once

#include <cstdint>

namespace vitreous {

// One call of op `compareCells` (src/device/ops/compare-cells.ts has the formulas). Pointers are borrowed for the call.
struct CompareCellsJob {
  std::int64_t box_px;
  const std::int32_t* band_kx;     // [band_pixel_count]
  const std::int32_t* band_ky;     // [band_pixel_count]
  const std::int32_t* band_shell;  // [band_pixel_count]
  std::int64_t band_pixel_count;

  std::int64_t image_count;
  const float* images;          // [image_count][2][band_pixel_count]
  const float* ctf;             // [image_count][band_pixel_count], or null: 1
  const float* inverse_sigma2;  // [groups][shell_count]
  std::int64_t shell_count;
  const std::int32_t* group;  // [image_count]
  const float* scale;         // [image_count]

  const float* slices;  // [slice_count][2][pixel_count - first_pixel]
  std::int64_t slice_count;
  std::int64_t first_slice;
  std::int64_t first_pixel;
  std::int64_t pixel_count;

  const float* shifts_px;  // [shift_count][2]
  std::int64_t shift_count;
  const float* log_shift_prior;     // [image_count][shift_count]
  const std::int32_t* neighbours;   // [shift_count][neighbour_count], -1: none
  std::int64_t neighbour_count;

  const std::int32_t* cell_start;  // [image_count + 1]
  const std::int32_t* cell_slice;  // [cell_count]
  const std::int32_t* cell_shift;  // [cell_count]
  std::int64_t cell_count;

  std::int64_t keep_count;
  double* evidence;         // [image_count][2], updated
  float* top_score;         // [image_count][keep_count], a heap with the worst entry first, updated
  std::int32_t* top_slice;  // [image_count][keep_count]
  std::int32_t* top_shift;  // [image_count][keep_count]
};

// Pixels of a row of the tables below: the used ones and zeros up to a multiple of the widest vector.
constexpr std::int64_t padded_pixels(std::int64_t pixels) { return (pixels + 15) / 16 * 16; }

// What one thread needs beside the job, 64-byte aligned.
struct CompareCellsScratch {
  float* whitened;  // [3][padded pixels]: scale C X / sigma2 (real, imaginary), half scale^2 C^2 / sigma2
  float* turned;    // [2][padded pixels]: conj(whitened) S of a cell
  float* values;    // [neighbour_count rounded up to 16]
};

// One image's cells of the block (simd/compare_cells.cpp). phase [shift][2][padded pixels]: cos, sin of 2 pi k t / N.
using CompareCellsOfImage = void (*)(const CompareCellsJob& job, const float* phase, const CompareCellsScratch& scratch,
                                     std::int64_t image);

// Runs the job with the calling thread's team and instruction set. Throws std::runtime_error where an index is out of
// range, std::bad_alloc where scratch cannot be had.
void compare_cells(const CompareCellsJob& job);

}  // namespace vitreous
