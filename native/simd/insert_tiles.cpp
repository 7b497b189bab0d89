#include "simd/insert_tiles.h"

#include "simd/tile_pixels.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

struct Scratch {
  Points points;
  float* planes;
  float* box;
  BoxScratch box_scratch;
  std::int32_t* taken;
};

constexpr std::int64_t bytes_of(std::int64_t count, std::int64_t size) { return (count * size + 63) / 64 * 64; }

// Cuts one thread's memory; with null, only counts its bytes.
Scratch cut_scratch(const TilePlan& plan, unsigned char* memory, std::int64_t& bytes) noexcept {
  std::int64_t used = 0;
  const auto take = [&]<typename T>(T*& part, std::int64_t count) {
    part = memory ? reinterpret_cast<T*>(memory + used) : nullptr;
    used += bytes_of(count, sizeof(T));
  };
  Scratch scratch{};
  Points& points = scratch.points;
  const std::int64_t capacity = plan.point_capacity;
  const std::int64_t side = box_side(plan.padding_factor);
  points.stride = 4 * capacity;
  take(points.cluster_first, capacity + 1);
  take(points.order, capacity);
  take(points.shift_count, capacity);
  take(points.found, 6 * capacity);
  take(points.total, capacity);
  take(points.matrix, 6 * points.stride);
  take(points.low, 3 * points.stride);
  take(points.high, 3 * points.stride);
  take(points.base, 3 * points.stride);
  take(points.slope, 8 * capacity);
  take(points.start, 3 * points.stride);
  take(points.phase_x, plan.column_count * capacity * plan.shifts_per_rotation * phase_floats);
  take(points.phase_y, plan.row_count * capacity * plan.shifts_per_rotation * phase_floats);
  take(scratch.planes, plan.tile_count * tile_floats);
  take(scratch.box, 4 * side * side * side);
  take(scratch.box_scratch.plane_end, side);
  take(scratch.box_scratch.pairs, side * side * side / 2 + side * side + 64);
  take(scratch.taken, capacity);
  bytes = used + 64;
  return scratch;
}

Scratch thread_scratch(const TilePlan& plan) noexcept {
  std::int64_t bytes = 0;
  return cut_scratch(plan, plan.scratch + omp_get_thread_num() * plan.bytes_per_thread, bytes);
}

// u scale C / sigma2 times the image, and u (scale C)^2 / sigma2, in units of the fixed point; 0 where a tile has no pixel.
void weigh_image(const Insert& args, const TilePlan& plan, std::int64_t image, float* planes) noexcept {
  const float* const re = args.images + 2 * image * args.band_pixel_count;
  const float* const im = re + args.band_pixel_count;
  const float* const ctf = args.ctf ? args.ctf + image * args.band_pixel_count : nullptr;
  const float* const inverse_sigma2 = args.inverse_sigma2 + args.group[image] * args.shell_count;
  const auto forward_scale = static_cast<float>(args.forward_scale);
  const auto power_scale = static_cast<float>(args.weight_scale / args.forward_scale);
  for (std::int64_t tile = 0; tile < plan.tile_count; ++tile) {
    float* const out = planes + tile * tile_floats;
    for (std::int64_t j = 0; j < tile_pixels; ++j) {
      const std::int32_t source = plan.source[tile * tile_pixels + j];
      if (source < 0) {
        out[j] = out[tile_pixels + j] = out[2 * tile_pixels + j] = 0;
        continue;
      }
      const float scaled_ctf = ctf ? args.scale[image] * ctf[source] : args.scale[image];
      const float factor =
          args.image_weight[image] * scaled_ctf * inverse_sigma2[args.band_shell[source]] * forward_scale;
      out[j] = factor * re[source];
      out[tile_pixels + j] = factor * im[source];
      out[2 * tile_pixels + j] = factor * scaled_ctf * power_scale;
    }
  }
}

bool take_points(const TilePlan& plan, const TileImage& image, const Scratch& scratch, Points& points) noexcept {
  points = scratch.points;
  if (!take_matrices(plan, image, points)) return false;
  make_clusters(plan, points, scratch.taken, image.is_loose);
  return true;
}

// Calls use(tile's place in the image, tile, cluster, sign, first place of the cluster, box) for each box of an image.
template <typename Use>
void for_each_box(const TilePlan& plan, const TileImage& image, const Points& points, float* values, const Use& use) noexcept {
  TileBox box;
  box.values = values;
  for (std::int64_t i = 0; i < image.tile_count; ++i) {
    const std::int32_t tile = image.tiles ? image.tiles[i] : static_cast<std::int32_t>(i);
    std::int64_t first_place = 0;
    for (std::int64_t cluster = 0; cluster < points.cluster_count; ++cluster) {
      const float sign = place_box(plan, points, cluster, first_place, tile, box);
      use(i, tile, cluster, sign, first_place, box);
      first_place += (points.cluster_first[cluster + 1] - points.cluster_first[cluster] + 3) / 4 * 4;
    }
  }
}

// Rows of the accumulator's slowest axis that voxels of a box and their mates touch: [0, 1) and [2, 3) of `rows`; mates 0, 0 where
// there are none.
void rows_of_box(const TilePlan& plan, const TileBox& box, std::int64_t* rows) noexcept {
  const int axis = plan.is_transposed ? 1 : 2;
  const std::int64_t edge = plan.radius + 1;
  const std::int64_t last = 2 * edge;
  const auto within = [&](std::int64_t row) { return row < 0 ? 0 : row > last + 1 ? last + 1 : row; };
  rows[0] = within(box.origin[axis] + edge);
  rows[1] = within(box.origin[axis] + box.size[axis] + edge);
  rows[2] = box.origin[0] > 0 ? 0 : within(edge + 1 - box.origin[axis] - box.size[axis]);
  rows[3] = box.origin[0] > 0 ? 0 : within(edge + 1 - box.origin[axis]);
}

bool is_held(const TilePlan& plan, const TileBox& box) noexcept {
  std::int64_t rows[4];
  rows_of_box(plan, box, rows);
  const std::int64_t first = plan.first_plane;
  const std::int64_t end = first + plan.plane_count;
  return (rows[0] < end && rows[1] > first) || (rows[2] < end && rows[3] > first);
}

constexpr std::uint32_t all_pixels = 0xffff;

std::uint32_t used_pixels(const TilePlan& plan, std::int32_t tile) noexcept {
  std::uint32_t used = 0;
  for (int j = 0; j < tile_pixels; ++j) used |= (plan.source[tile * tile_pixels + j] >= 0 ? 1u : 0u) << j;
  return used;
}

// False where a rotation is none or a sum cannot enter.
bool insert_image(const TilePlan& plan, const TileImage& image, const Scratch& scratch) noexcept {
  Points points;
  if (!take_points(plan, image, scratch, points)) return false;
  if (points.count == 0) return true;
  make_phases(plan, image, points);
  const bool is_part = plan.plane_count < 2 * plan.radius + 3;
  bool has_entered = true;
  for_each_box(plan, image, points, scratch.box,
               [&](std::int64_t i, std::int32_t tile, std::int64_t cluster, float sign, std::int64_t place, const TileBox& box) {
                 if (is_part && !is_held(plan, box)) return;
                 const std::int64_t per_point = points.count * plan.shifts_per_rotation * phase_floats;
                 const TilePlace pixels = {image.planes + i * tile_floats,
                                           points.phase_x + plan.column[tile] * per_point,
                                           points.phase_y + plan.row[tile] * per_point,
                                           points.cluster_first[cluster],
                                           points.cluster_first[cluster + 1],
                                           place,
                                           sign,
                                           used_pixels(plan, tile)};
                 if (pixels.used == all_pixels) {
                   add_tile<true>(plan, points, pixels, box);
                 } else {
                   add_tile<false>(plan, points, pixels, box);
                 }
                 has_entered = add_box(plan, box, scratch.box_scratch) && has_entered;
                 if (!is_part) return;
                 const std::int64_t length = 4 * box.size[0] * box.size[1] * box.size[2];
                 for (std::int64_t v = 0; v < length; ++v) box.values[v] = 0;
               });
  return has_entered;
}

void note_failed(std::int64_t index, std::int64_t& failed) noexcept {
#pragma omp critical(vitreous_insert_failed)
  if (failed < 0 || index < failed) failed = index;
}

TileImage image_of_row(const Insert& args, const TilePlan& plan, std::int64_t row, const float* planes,
                        std::int32_t* is_loose) noexcept {
  const std::int64_t point = row * args.rotations_per_image;
  return {plan.tile_count,
          nullptr,
          planes,
          args.rotations_per_image,
          args.rotations + 4 * point,
          args.shifts_px + 2 * point * args.shifts_per_rotation,
          args.weights + point * args.shifts_per_rotation,
          is_loose + point};
}

}  // namespace

void size_tile_scratch(TilePlan& plan) noexcept { cut_scratch(plan, nullptr, plan.bytes_per_thread); }

void insert_images(const Insert& args, const TilePlan& plan, std::int32_t* is_loose, std::int64_t& failed_row) noexcept {
  // Integer sums of rounded images: which thread takes which, and when, changes no bit.
#pragma omp parallel
  {
    const Scratch scratch = thread_scratch(plan);
#pragma omp for schedule(dynamic)
    for (std::int64_t row = 0; row < args.active_count; ++row) {
      const std::int64_t image = args.active[row];
      if (args.image_weight[image] == 0) continue;
      weigh_image(args, plan, image, scratch.planes);
      const TileImage tiles = image_of_row(args, plan, row, scratch.planes, is_loose);
      if (!insert_image(plan, tiles, scratch)) note_failed(row, failed_row);
    }
  }
}

void insert_tiles(const TileMessage& message, const TilePlan& plan, std::int64_t& failed_image) noexcept {
#pragma omp parallel
  {
    const Scratch scratch = thread_scratch(plan);
#pragma omp for schedule(dynamic)
    for (std::int64_t i = 0; i < message.image_count; ++i) {
      const std::int64_t tile = message.tile_start[i];
      const std::int64_t point = message.point_start[i];
      const std::int64_t shifts = message.shifts_per_rotation;
      const TileImage image = {message.tile_start[i + 1] - tile,
                               message.tiles + tile,
                               message.planes + tile * tile_floats,
                               message.point_start[i + 1] - point,
                               message.rotations + 4 * point,
                               message.shifts_px + 2 * point * shifts,
                               message.weights + point * shifts,
                               nullptr};
      if (!insert_image(plan, image, scratch)) note_failed(i, failed_image);
    }
  }
}

void weigh_tiles(const Insert& args, const TilePlan& plan, float* planes, std::int32_t* rows,
                 std::int32_t* is_loose) noexcept {
#pragma omp parallel
  {
    const Scratch scratch = thread_scratch(plan);
#pragma omp for schedule(static)
    for (std::int64_t row = 0; row < args.active_count; ++row) {
      float* const own = planes + row * plan.tile_count * tile_floats;
      std::int32_t* const reached = rows + 4 * row * plan.tile_count;
      for (std::int64_t i = 0; i < 4 * plan.tile_count; ++i) reached[i] = 0;
      for (std::int64_t m = 0; m < args.rotations_per_image; ++m) is_loose[row * args.rotations_per_image + m] = 0;
      weigh_image(args, plan, args.active[row], own);
      const TileImage image = image_of_row(args, plan, row, own, is_loose);
      Points points;
      // What is wrong with the points is said where they are inserted.
      if (args.image_weight[args.active[row]] == 0 || !take_points(plan, image, scratch, points)) continue;
      for_each_box(plan, image, points, nullptr,
                   [&](std::int64_t, std::int32_t tile, std::int64_t, float, std::int64_t, const TileBox& box) {
                     std::int64_t touched[4];
                     rows_of_box(plan, box, touched);
                     std::int32_t* const out = reached + 4 * tile;
                     for (int part = 0; part < 4; part += 2) {
                       if (touched[part] >= touched[part + 1]) continue;
                       const auto first = static_cast<std::int32_t>(touched[part]);
                       const auto end = static_cast<std::int32_t>(touched[part + 1]);
                       out[part] = out[part + 1] == 0 || first < out[part] ? first : out[part];
                       out[part + 1] = end > out[part + 1] ? end : out[part + 1];
                     }
                   });
    }
  }
}

}  // namespace vitreous::VITREOUS_SIMD_NS
