#pragma once

#include <cstdint>

namespace vitreous {

// A batch of real-space images that go to another grid of frequencies; shapes as in src/device/ops/conform-images.ts.
struct ConformImages {
  std::int64_t box_px;           // N
  std::int64_t in_box_px;
  std::int64_t image_count;
  const float* pixels;           // [image_count][in_box_px][in_box_px]
  double matrix[4];              // frequency index that comes out -> that goes in
  const float* factor;           // [2][pixel_count]
  const float* ctf;              // [image_count][pixel_count]; null: 1
  double ctf_floor;
  const std::int32_t* band_kx;   // [pixel_count]
  const std::int32_t* band_ky;
  std::int64_t pixel_count;
  float* out;                    // [image_count][N][N]
};

// Parallel over images. Throws std::bad_alloc, or std::out_of_range for a pixel that does not exist, before any work is
// done.
void conform_images(const ConformImages& batch);

}  // namespace vitreous
