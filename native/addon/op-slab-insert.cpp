#include "addon/insert-args.h"
#include "addon/registry.h"
#include "kernels/slab_insert.h"

namespace vitreous {

static Device::Work parse_extract_slices(Device&, const Args& args) {
  const InsertArgs insertion(args);
  const auto count = args_int(args, "pointCount", 0);
  const auto capacity = args_int(args, "pixelCapacity", 1);
  const auto points = args_i32(args, "points", at_least(count));
  const auto pixels = args_f32(args, "pixels", at_least(4 * count * capacity));
  const auto row_start = args_i32(args, "rowStart", at_least(count * (2 * insertion.op.radius + 4)));
  const auto matrices = args_f64(args, "matrices", at_least(6 * count));
  return [=] {
    extract_slices(insertion.op, points.data, count, capacity, reinterpret_cast<SlicePixel*>(pixels.data), row_start.data,
                   matrices.data);
  };
}
REGISTER_OP("extractSlices", parse_extract_slices);

static Device::Work parse_add_slices(Device&, const Args& args) {
  const auto count = args_int(args, "sliceCount", 0);
  const auto pixel_count = args_int(args, "pixelCount", 0);
  const auto radius = args_int(args, "accumulatorRadiusPx", 1, 65536);
  const auto first_row = args_int(args, "firstRow", 0, 2 * radius + 2);
  const auto row_count = args_int(args, "rowCount", 1, 2 * radius + 3 - first_row);
  const auto pixels = args_f32(args, "pixels", at_least(4 * (pixel_count + 3)));
  const auto row_start = args_i32(args, "rowStart", at_least(count * (row_count + 2)));
  const auto matrices = args_f64(args, "matrices", at_least(6 * count));
  const auto accumulator = args_i64(args, "accumulator", at_least(3 * row_count * (2 * radius + 3) * (radius + 2)));
  return [=] {
    add_slices_to_rows(reinterpret_cast<const SlicePixel*>(pixels.data), row_start.data, matrices.data, count, radius,
                       first_row, row_count, accumulator.data);
  };
}
REGISTER_OP("addSlices", parse_add_slices);

}  // namespace vitreous
