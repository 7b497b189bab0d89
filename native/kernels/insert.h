#pragma once

#include <cstdint>

namespace vitreous {

// Weighted images into a fixed-point Fourier accumulator; src/device/ops/insert.ts is the contract.
struct Insert {
  std::int64_t box_px;
  std::int64_t band_pixel_count;
  const std::int32_t* band_kx;
  const std::int32_t* band_ky;
  const std::int32_t* band_shell;
  std::int64_t image_count;
  const float* images;           // [image][2][band_pixel_count]
  const float* ctf;              // [image][band_pixel_count] or null: 1
  const float* inverse_sigma2;   // [group_count][shell_count]
  std::int64_t group_count;
  std::int64_t shell_count;
  const std::int32_t* group;     // [image]
  const float* scale;            // [image]
  const float* image_weight;     // [image]
  const std::int32_t* active;    // [active_count]
  std::int64_t active_count;
  std::int64_t rotations_per_image;
  std::int64_t shifts_per_rotation;
  const float* rotations;        // [active_count][rotations_per_image][4]
  const float* shifts_px;        // [active_count][rotations_per_image][shifts_per_rotation][2]
  const float* weights;          // [active_count][rotations_per_image][shifts_per_rotation]
  std::int64_t pixel_count;
  double padding_factor;
  std::int64_t radius;           // R of the accumulator's box
  double forward_scale;
  double weight_scale;
  std::int64_t* accumulator;     // [size_z][size_y][size_x][3], or the planes of it that are held
};

// Rotations of an image that lie close together go tile by tile (tile_insert.h): what they add to a voxel is summed before it is
// rounded. Throws std::runtime_error where an index is out of range or a value is not finite or 2^51 or more (the accumulator
// then holds part of the batch).
void insert(const Insert& args);

// One pixel of one slice, ready to be spread.
struct SlicePixel {
  float re;  // weighted by CTF / sigma2, summed over shifts, conjugated where the point was flipped to x >= 0
  float im;
  float weight;
  std::int32_t frequency;  // ky in the high half, kx in the low one; both negated where the point was flipped
};

// A slice of the current batch: its pixels sorted by bin. Planes are those of the accumulator's slowest axis: z, or y where
// it is held as [y][z][x] (is_transposed). Slab s of the whole accumulator, planes [s h, (s + 1) h), has bin 2s (both feet
// of the pixel in the slab) and bin 2s + 1 (the lower foot in its last plane, the upper one in the next slab). For a part of
// the accumulator, planes [first_plane, first_plane + plane_count), each plane is a bin, from first_plane - 1 on.
struct InsertPlan {
  std::int64_t thickness;             // h
  std::int64_t slab_count;
  std::int64_t bin_count;
  bool is_transposed;
  std::int64_t first_plane;           // of the accumulator that is held
  std::int64_t plane_count;
  std::int64_t slice_capacity;        // slices of one batch
  std::int64_t slice_stride;          // pixels from one slice to the next; 0: bin_start counts from the first slice
  std::int64_t thread_count;
  const std::int32_t* bin_of;         // [2 R + 3]: bin of a pixel whose lower foot is in this plane
  // The plane of pixels in use (RasterBand) and which band pixel goes where.
  std::int64_t pixel_count;
  std::int64_t column_count;          // pixels of a slice: the columns of all rows, values 0 where the band has no pixel
  const std::int32_t* source;
  const std::int32_t* place;
  std::int32_t max_kx;
  std::int32_t max_ky;
  std::int64_t row_stride;
  const std::int32_t* row_first;
  const std::int32_t* row_end;
  // Scratch of one batch.
  SlicePixel* pixels;                 // [slice_capacity][slice_stride], and 3 more that are read but not used
  std::int32_t* bin_start;            // [slice_capacity][bin_count + 1]
  double* matrices;                   // [slice_capacity][6]: padding × the first two columns of the rotation, rows x, y, z or
                                      // (is_transposed) x, z, y
  // Scratch of each thread.
  float* thread_floats;               // [thread_count][floats_per_thread]
  std::int64_t floats_per_thread;
  std::int32_t* thread_integers;      // [thread_count][integers_per_thread]
  std::int64_t integers_per_thread;
};

struct RasterBand;

// What a plan borrows of the band.
void take_band(InsertPlan& plan, const RasterBand& band) noexcept;

// Throws std::runtime_error where extract_slices named a row whose values cannot enter.
void require_entered(const Insert& args, std::int64_t failed_row);

}  // namespace vitreous
