#include "addon/insert-args.h"
#include "addon/registry.h"
#include "kernels/tile_insert.h"

namespace vitreous {

static Device::Work parse_weigh_tiles(Device&, const Args& args) {
  const InsertArgs insertion(args);
  const auto tile_count = args_int(args, "tileCount", 0);
  const auto tiles = insertion.op.active_count * tile_count;
  const auto planes = args_f32(args, "planes", at_least(tile_floats * tiles));
  const auto rows = args_i32(args, "rows", at_least(4 * tiles));
  const auto is_loose = args_i32(args, "isLoose", at_least(insertion.op.active_count * insertion.op.rotations_per_image));
  return [=] { weigh_tiles(insertion.op, tile_count, planes.data, rows.data, is_loose.data); };
}
REGISTER_OP("weighTiles", parse_weigh_tiles);

static Device::Work parse_insert_tiles(Device&, const Args& args) {
  Insert band{};
  band.box_px = args_int(args, "boxPx", 2, 32768);
  band.shell_count = args_int(args, "shellCount", 1);
  band.pixel_count = args_int(args, "pixelCount", 0);
  band.padding_factor = args_double(args, "paddingFactor");
  band.radius = args_int(args, "accumulatorRadiusPx", 1, 65536);
  const auto kx = args_i32(args, "bandKx", at_least(band.pixel_count));
  const auto ky = args_i32(args, "bandKy", at_least(band.pixel_count));
  const auto shell = args_i32(args, "bandShell", at_least(band.pixel_count));
  const auto first_row = args_int(args, "firstRow", 0, 2 * band.radius + 2);
  const auto row_count = args_int(args, "rowCount", 1, 2 * band.radius + 3 - first_row);
  TileMessage message{};
  message.image_count = args_int(args, "messageImageCount", 0);
  message.shifts_per_rotation = args_int(args, "shiftsPerRotation", 1);
  const auto tile_total = args_int(args, "messageTileCount", 0);
  const auto point_total = args_int(args, "messagePointCount", 0);
  const auto tile_start = args_i32(args, "tileStart", at_least(message.image_count + 1));
  const auto point_start = args_i32(args, "pointStart", at_least(message.image_count + 1));
  const auto tiles = args_i32(args, "tiles", at_least(tile_total));
  const auto planes = args_f32(args, "planes", at_least(tile_floats * tile_total));
  const auto rotations = args_f32(args, "rotations", at_least(4 * point_total));
  const auto shifts_px = args_f32(args, "shiftsPx", at_least(2 * point_total * message.shifts_per_rotation));
  const auto weights = args_f32(args, "weights", at_least(point_total * message.shifts_per_rotation));
  const auto accumulator = args_i64(args, "accumulator", at_least(3 * row_count * (2 * band.radius + 3) * (band.radius + 2)));
  return [=] {
    Insert op = band;
    op.band_kx = kx.data;
    op.band_ky = ky.data;
    op.band_shell = shell.data;
    TileMessage given = message;
    given.tile_start = tile_start.data;
    given.point_start = point_start.data;
    given.tiles = tiles.data;
    given.planes = planes.data;
    given.rotations = rotations.data;
    given.shifts_px = shifts_px.data;
    given.weights = weights.data;
    require_starts(given, tile_total, point_total);
    insert_tiles(op, given, first_row, row_count, accumulator.data);
  };
}
REGISTER_OP("insertTiles", parse_insert_tiles);

}  // namespace vitreous
