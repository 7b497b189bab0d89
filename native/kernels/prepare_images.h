#pragma once

#include <cstdint>

namespace vitreous {

// A batch of real-space images and what is done to them; shapes as in src/device/ops/prepare-images.ts.
struct PrepareImages {
  std::int64_t box_px;                // N
  std::int64_t image_count;
  const float* pixels;                // [image_count][N][N]
  const float* gain;                  // [image_count]
  const std::int32_t* recentre_px;    // [image_count][2]
  double mask_radius_px;              // <= 0: no mask, and the four arrays below are not read
  double mask_edge_px;
  const float* sigma2;                // [group_count][shell_count]
  std::int64_t group_count;
  std::int64_t shell_count;
  const std::int32_t* group;          // [image_count]
  const std::uint32_t* noise_key;     // [image_count][2]
  const std::int32_t* band_kx;        // [pixel_count]
  const std::int32_t* band_ky;
  std::int64_t pixel_count;
  float* out;                         // [image_count][2][pixel_count]
};

// Gain, recentring, soft mask with noise fill, forward FFT with the phase origin at the centre, gather of the band.
// Parallel over images. Throws std::bad_alloc, or std::out_of_range for a group or pixel that does not exist, before any
// work is done.
void prepare_images(const PrepareImages& batch);

}  // namespace vitreous
