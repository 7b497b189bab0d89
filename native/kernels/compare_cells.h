#pragma once

#include <cstdint>

namespace vitreous {

// One call of op `compareCells` (src/device/ops/compare-cells.ts has the formulas). Pointers are borrowed for the call.
struct CompareCellsJob {
  std::int64_t box_px;
  const std::int32_t* band_shell;  // [band_pixel_count]
  std::int64_t band_pixel_count;

  std::int64_t image_count;
  const float* images;          // [image_count][2][band_pixel_count]
  const float* ctf;             // [image_count][band_pixel_count], or null: 1
  const float* inverse_sigma2;  // [groups][shell_count]
  std::int64_t shell_count;
  const std::int32_t* group;  // [image_count]
  const float* scale;         // [image_count]

  const std::int32_t* column_kx;      // [row_count][2][8]
  const std::int32_t* column_ky;      // [row_count][2][8]
  const std::int32_t* column_source;  // [row_count][2][8] place in the band, -1: none
  std::int64_t row_count;
  const std::int32_t* chunk_start;  // [chunk_count + 1]
  std::int64_t chunk_count;

  const float* slices;  // [slice_count][2][16 row_count]
  std::int64_t slice_count;
  std::int64_t first_slice;

  const std::int32_t* shift_steps;  // [shift_count][2]
  std::int64_t shift_count;
  double step_px;
  const float* log_shift_prior;  // [image_count][shift_count]

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

// Shifts looked at for a cell: those within sqrt(5) steps, row by row of y.
constexpr int near_rows = 5;
constexpr int near_first_x[near_rows] = {-1, -2, -2, -2, -1};
constexpr int near_count_x[near_rows] = {3, 5, 5, 5, 3};
constexpr int near_count = 21;

// The score of a pixel that has none: its exponential is 0.
constexpr float no_score = -1e30f;

// What all images share. Step i of an axis stands for the shift (i - reach) step_px, reach being two more than the grid's own.
struct CompareCellsTables {
  std::int64_t reach;
  const float* phase_y;           // [2 reach + 1][row_count][2][8]: cos, sin of 2 pi ky t / N
  const float* phase_x;           // [2 reach + 1][chunk_count][2][8]: cos, sin of 2 pi kx t / N
  const std::int32_t* shift_at;   // [2 reach + 1][2 reach + 1], y then x: index of the shift, -1: none
};

// Floats of a row of an image's table of priors; a load of 8 may begin anywhere in it.
constexpr std::int64_t prior_stride(std::int64_t reach) { return 2 * reach + 1 + 8; }

// What one thread needs beside the job, 64-byte aligned.
struct CompareCellsScratch {
  float* whitened;  // [row_count][2][3][8]: scale C X / sigma2 (real, imaginary), half scale^2 C^2 / sigma2, of +ky and -ky
  float* prior;     // [2 reach + 1][prior_stride], y then x: log prior of the image's shifts, no_score where there is none
};

// One image's cells of the block (simd/compare_cells.cpp).
using CompareCellsOfImage = void (*)(const CompareCellsJob& job, const CompareCellsTables& tables,
                                     const CompareCellsScratch& scratch, std::int64_t image);

// Runs the job with the calling thread's team and instruction set. Throws std::runtime_error where an index is out of
// range, std::bad_alloc where scratch cannot be had.
void compare_cells(const CompareCellsJob& job);

}  // namespace vitreous
