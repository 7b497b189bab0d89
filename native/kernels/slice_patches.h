#pragma once

#include <cstdint>
#include <vector>

namespace vitreous {

// Lanes of a row of a patch: kx counted from the row's first. Odd ones last, so that the first `count` of them, whatever the
// count, are the first lanes of both halves of a vector.
constexpr std::int32_t patch_lanes = 8;
constexpr std::int32_t patch_lane_kx[patch_lanes] = {0, 2, 4, 6, 1, 3, 5, 7};

// Eight neighbouring kx, or the first `count` of them, of the two rows +ky and -ky of the half plane.
struct PatchRow {
  std::int32_t ky;        // >= 0
  std::int32_t first_kx;  // a multiple of 8; some lanes may lie before the row's first pixel
  std::int32_t count;     // 1 .. 8
};

// Rows that lie side by side. A slice's pixels of one patch are near each other in the volume: all rotations pass over a patch
// while its neighbourhood is in the nearest cache.
struct SlicePatch {
  std::int32_t first_row;
  std::int32_t row_count;  // 1 .. SlicePatches::most_rows
};

// The pixels of a band as patches.
struct SlicePatches {
  static constexpr std::int32_t most_rows = 4;
  std::vector<PatchRow> rows;
  std::vector<SlicePatch> patches;
  std::vector<float> kx;             // [rows][8] frequency of each lane, that of the row's nearest pixel where the lane has none
  std::vector<std::int64_t> source;  // [rows][2][8] place in the band of (kx, +ky), then of (kx, -ky); -1 where it has none
  std::int32_t max_kx = 0;
  std::int32_t max_ky = 0;
};

// Pixels [first_pixel, end_pixel) of the band with shell <= max_shell, shell < shell_count and
// |k| padding <= volume_radius. The order of every sum follows from these patches, so from the band alone.
// Throws std::runtime_error where a frequency lies outside 0 <= kx, |ky| <= box_px / 2, or a shell below 0.
SlicePatches make_slice_patches(const std::int32_t* band_kx, const std::int32_t* band_ky, const std::int32_t* band_shell,
                                std::int64_t first_pixel, std::int64_t end_pixel, std::int64_t box_px,
                                std::int64_t max_shell, std::int64_t shell_count, double padding_factor,
                                std::int64_t volume_radius);

}  // namespace vitreous
