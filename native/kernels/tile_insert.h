// Insertion of clusters of near rotations, tile by tile: in one step, or in two, so that images and the accumulator's rows may be on
// different ranks. Shapes as in src/device/ops/tile-insert.ts.
#pragma once

#include <omp.h>

#include <cstdint>
#include <vector>

#include "kernels/insert.h"
#include "kernels/tile_band.h"

namespace vitreous {

// The band in tiles, and the accumulator that they are added to.
struct TilePlan {
  std::int64_t box_px;
  double padding_factor;
  std::int64_t radius;
  std::int32_t column_count;      // of the grid of tiles
  std::int32_t row_count;
  std::int32_t first_ky;
  double reach;                   // largest |k| of a pixel, px
  std::int64_t tile_count;
  const std::int32_t* column;     // [tile_count]
  const std::int32_t* row;
  const std::int32_t* source;     // [tile_count][16]
  // Planes of the accumulator's slowest axis that are held: z, or y where it is [y][z][x] (is_transposed).
  bool is_transposed;
  std::int64_t first_plane;
  std::int64_t plane_count;
  std::int64_t* accumulator;
  omp_lock_t* locks;              // [plane_count]; null: one thread
  // Scratch of each thread, in bytes that are multiples of 64.
  std::int64_t point_capacity;    // points of one image
  std::int64_t shifts_per_rotation;
  unsigned char* scratch;         // [threads][bytes_per_thread], zeros
  std::int64_t bytes_per_thread;
};

// The support points of one image, and its pixels in tiles. Of clusters with fewer than least_cluster points, the points are
// only noted in `is_loose`; where that is null, all are taken.
struct TileImage {
  std::int64_t tile_count;
  const std::int32_t* tiles;      // [tile_count] which of the plan's; null: all of them
  const float* planes;            // [tile_count][3][16]: Re, Im, weight in units of the fixed point, before the point's own
  std::int64_t point_count;
  const float* rotations;         // [point_count][4]
  const float* shifts_px;         // [point_count][shifts_per_rotation][2]
  const float* weights;           // [point_count][shifts_per_rotation]; points without any weight are skipped
  std::int32_t* is_loose;         // [point_count], zeros
};

// A plan of a band, and what it owns.
class TileWork {
 public:
  // Throws std::bad_alloc, and std::runtime_error as make_tile_band does.
  TileWork(const TileBand& band, std::int64_t box_px, double padding_factor, std::int64_t radius);
  ~TileWork();
  TileWork(const TileWork&) = delete;
  TileWork& operator=(const TileWork&) = delete;

  // The target and what depends on it; call before the plan is used.
  void aim(std::int64_t* accumulator, std::int64_t first_plane, std::int64_t plane_count, bool is_transposed);
  void allow(std::int64_t point_capacity, std::int64_t shifts_per_rotation);

  TilePlan plan{};

 private:
  std::vector<omp_lock_t> locks_;
  std::vector<unsigned char> scratch_;
};

// Fewer near rotations than this do not fill a box: measured, docs/decisions/0017.
constexpr std::int64_t least_cluster = 6;

// Adds the clusters of every active image. The points that are in none and have a weight get 1 in `is_loose`
// [active_count][rotations_per_image], the others 0. Throws as insert() does, whose part this is.
void insert_clusters(const Insert& args, std::int32_t* is_loose);

// Images as they travel: the tiles that touch the receiver's rows, and all points that are in a cluster.
struct TileMessage {
  std::int64_t image_count;
  const std::int32_t* tile_start;   // [image_count + 1]
  const std::int32_t* point_start;  // [image_count + 1]
  const std::int32_t* tiles;        // [tile_start[image_count]]
  const float* planes;              // [..][3][16]
  std::int64_t shifts_per_rotation;
  const float* rotations;
  const float* shifts_px;
  const float* weights;
};

// The pixels of every active image in tiles, and the rows y that they reach.
//   planes  [active_count][tile count][3][16]
//   rows    [active_count][tile count][4]: y + R + 1 of the first voxel row that any rotation touches and one past the last,
//           then those that mates of voxels with x < 0 touch; 0, 0: none
//   is_loose  [active_count][rotations_per_image]: as insert_clusters has it; rows are those of the clusters
// Throws std::runtime_error where an index is out of range or `tile_count` is not that of the band.
void weigh_tiles(const Insert& args, std::int64_t tile_count, float* planes, std::int32_t* rows, std::int32_t* is_loose);

// Throws std::runtime_error unless the starts of a message begin at 0, do not go back and end at most at the totals.
void require_starts(const TileMessage& message, std::int64_t tile_total, std::int64_t point_total);

// Adds images to the rows y = [first_row, first_row + row_count) of an accumulator, [row_count][2R+3][R+2][3]. Of `args` only
// the band, the padding and the radius are used. Throws as insert() does, and where a tile is not one of the band's.
void insert_tiles(const Insert& args, const TileMessage& message, std::int64_t first_row, std::int64_t row_count,
                  std::int64_t* accumulator);

}  // namespace vitreous
