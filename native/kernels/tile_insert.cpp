#include "kernels/tile_insert.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "kernels/raster_band.h"
#include "simd/dispatch.h"
#include "simd/insert_tiles.h"

namespace vitreous {

namespace {

TileBand band_of(const Insert& args) {
  return make_tile_band(args.band_kx, args.band_ky, args.band_shell, args.pixel_count, args.box_px, args.shell_count - 1,
                        args.padding_factor, args.radius);
}

void require_start(const char* what, const std::int32_t* start, std::int64_t count, std::int64_t total) {
  for (std::int64_t i = 0; i <= count; ++i) {
    const std::int64_t least = i == 0 ? 0 : start[i - 1];
    const std::int64_t most = i == 0 ? 0 : total;
    if (start[i] >= least && start[i] <= most) continue;
    throw std::runtime_error(std::string(what) + "[" + std::to_string(i) + "]: expected " + std::to_string(least) + " to " +
                             std::to_string(most) + ", got " + std::to_string(start[i]) + ".");
  }
}

std::int64_t most_points(const TileMessage& message) {
  std::int64_t most = 1;
  for (std::int64_t i = 0; i < message.image_count; ++i) {
    most = std::max<std::int64_t>(most, message.point_start[i + 1] - message.point_start[i]);
  }
  return most;
}

}  // namespace

TileWork::TileWork(const TileBand& band, std::int64_t box_px, double padding_factor, std::int64_t radius) {
  plan.box_px = box_px;
  plan.padding_factor = padding_factor;
  plan.radius = radius;
  plan.column_count = band.column_count;
  plan.row_count = band.row_count;
  plan.first_ky = band.first_ky;
  plan.reach = std::min(std::hypot(band.max_kx, band.max_ky), static_cast<double>(radius) / padding_factor);
  plan.tile_count = band.tile_count();
  plan.column = band.column.data();
  plan.row = band.row.data();
  plan.source = band.source.data();
}

TileWork::~TileWork() {
  for (omp_lock_t& lock : locks_) omp_destroy_lock(&lock);
}

void TileWork::aim(std::int64_t* accumulator, std::int64_t first_plane, std::int64_t plane_count, bool is_transposed) {
  plan.accumulator = accumulator;
  plan.first_plane = first_plane;
  plan.plane_count = plane_count;
  plan.is_transposed = is_transposed;
  if (omp_get_max_threads() == 1) return;
  locks_.resize(static_cast<std::size_t>(plane_count));
  for (omp_lock_t& lock : locks_) omp_init_lock(&lock);
  plan.locks = locks_.data();
}

void TileWork::allow(std::int64_t point_capacity, std::int64_t shifts_per_rotation) {
  plan.point_capacity = point_capacity;
  plan.shifts_per_rotation = shifts_per_rotation;
  VITREOUS_DISPATCH(size_tile_scratch, plan);
  scratch_.assign(static_cast<std::size_t>(plan.bytes_per_thread * omp_get_max_threads() + 64), 0);
  plan.scratch = scratch_.data() + (64 - reinterpret_cast<std::uintptr_t>(scratch_.data()) % 64);
}

void insert_clusters(const Insert& args, std::int32_t* is_loose) {
  const TileBand band = band_of(args);
  if (band.tile_count() == 0 || args.active_count == 0) return;
  TileWork work(band, args.box_px, args.padding_factor, args.radius);
  work.aim(args.accumulator, 0, 2 * args.radius + 3, false);
  work.allow(args.rotations_per_image, args.shifts_per_rotation);
  std::int64_t failed_row = -1;
  VITREOUS_DISPATCH(insert_images, args, work.plan, is_loose, failed_row);
  require_entered(args, failed_row);
}

void weigh_tiles(const Insert& args, std::int64_t tile_count, float* planes, std::int32_t* rows,
                 std::int32_t* is_loose) {
  require_rows("active", args.active, args.active_count, args.image_count);
  require_rows("group", args.group, args.image_count, args.group_count);
  const TileBand band = band_of(args);
  if (band.tile_count() != tile_count) {
    throw std::runtime_error("tileCount: expected " + std::to_string(band.tile_count()) + ", got " +
                             std::to_string(tile_count) + ". Pass that of geometry/band-tiles.ts.");
  }
  TileWork work(band, args.box_px, args.padding_factor, args.radius);
  work.aim(nullptr, 0, 0, true);
  work.allow(args.rotations_per_image, args.shifts_per_rotation);
  VITREOUS_DISPATCH(weigh_tiles, args, work.plan, planes, rows, is_loose);
}

void require_starts(const TileMessage& message, std::int64_t tile_total, std::int64_t point_total) {
  require_start("tileStart", message.tile_start, message.image_count, tile_total);
  require_start("pointStart", message.point_start, message.image_count, point_total);
}

void insert_tiles(const Insert& args, const TileMessage& message, std::int64_t first_row, std::int64_t row_count,
                  std::int64_t* accumulator) {
  const TileBand band = band_of(args);
  if (message.image_count == 0 || band.tile_count() == 0) return;
  require_rows("tiles", message.tiles, message.tile_start[message.image_count], band.tile_count());
  TileWork work(band, args.box_px, args.padding_factor, args.radius);
  work.aim(accumulator, first_row, row_count, true);
  work.allow(most_points(message), message.shifts_per_rotation);
  std::int64_t failed = -1;
  VITREOUS_DISPATCH(insert_tiles, message, work.plan, failed);
  if (failed >= 0) {
    throw std::runtime_error("image " + std::to_string(failed) +
                             " of a message: expected finite values below 2^51 after scaling. Reject the image, or choose "
                             "smaller scales.");
  }
}

}  // namespace vitreous
