#pragma once

#include <cstdint>

namespace vitreous {

// One call of op `compare` (src/device/ops/compare.ts has the formulas). Pointers are borrowed for the call.
struct CompareJob {
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

  const float* slices;  // [ceil(slice_count / 16)][pixel_count - first_pixel][3][16]
  std::int64_t slice_count;
  std::int64_t first_slice;
  std::int64_t first_pixel;
  std::int64_t pixel_count;

  const float* shifts_px;  // [shift_count][2]
  std::int64_t shift_count;
  const float* log_shift_prior;  // [image_count][shift_count]

  bool profile_scale;
  std::int64_t keep_count;
  double* evidence;         // [image_count][2], updated
  float* top_score;         // [image_count][keep_count], a heap with the worst entry first, updated
  std::int32_t* top_slice;  // [image_count][keep_count]
  std::int32_t* top_shift;  // [image_count][keep_count]
  float* profile;           // [image_count][4], updated; null unless profile_scale
};

// How the work is cut. No result depends on it: an element of the matrix product is one sum in band order.
struct ComparePlan {
  std::int64_t panel_count;
  std::int64_t row_block;         // rows (image, shift) of one micro-kernel call
  std::int64_t images_per_group;  // images whose rows are packed side by side
  std::int64_t panels_per_group;  // panels that meet a chunk of the packed rows before the next chunk is fetched
  std::int64_t cache_floats;      // packed floats of such a chunk
  std::int64_t images_per_block;  // images that one thread takes at a time: a multiple of images_per_group
};

// What one thread needs beside the job; floats, 64-byte aligned.
struct CompareScratch {
  float* whitened;     // [images_per_group][2][pixels]: scale·C·X/σ²
  float* packed;       // rows of a group, as the micro-kernel reads them
  float* norm_packed;  // [rows][pixels]: ½ scale²·C²/σ² of a block's images
  float* norm;         // [images_per_block][panel_count][16]
  float* products;     // [panels_per_group][rows of a group][16]
};

// The kernel, per instruction set (simd/compare.cpp): images [first_image, last_image) against all slices.
struct CompareKernel {
  std::int64_t row_block;
  void (*run)(const CompareJob& job, const ComparePlan& plan, const float* phase, const CompareScratch& scratch,
              std::int64_t first_image, std::int64_t last_image);
};

// Runs the job with the calling thread's team and instruction set. Throws std::bad_alloc where scratch cannot be had.
void compare(const CompareJob& job);

}  // namespace vitreous
