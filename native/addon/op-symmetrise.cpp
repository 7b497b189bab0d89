#include "addon/registry.h"
#include "kernels/symmetrise.h"

namespace vitreous {

static Device::Work parse_symmetrise(Device&, const Args& args) {
  const auto radius = args_int(args, "accumulatorRadiusPx", 1, 65536);
  const auto voxel_count = (radius + 2) * (2 * radius + 3) * (2 * radius + 3);
  const auto operator_count = args_int(args, "operatorCount", 1);
  const auto operators = args_f32(args, "operators", at_least(9 * operator_count));
  const auto forward = args_f32(args, "forward", at_least(2 * voxel_count));
  const auto weight = args_f32(args, "weight", at_least(voxel_count));
  const auto out_forward = args_f32(args, "outForward", at_least(2 * voxel_count));
  const auto out_weight = args_f32(args, "outWeight", at_least(voxel_count));
  return [=] {
    symmetrise({operators.data, operator_count}, radius, forward.data, weight.data, out_forward.data, out_weight.data);
  };
}
REGISTER_OP("symmetrise", parse_symmetrise);

static Device::Work parse_symmetrise_rows(Device&, const Args& args) {
  const auto radius = args_int(args, "accumulatorRadiusPx", 1, 65536);
  const auto side = 2 * radius + 3;
  const auto operator_count = args_int(args, "operatorCount", 1);
  const auto operators = args_f32(args, "operators", at_least(9 * operator_count));
  const auto window_first = args_int(args, "windowFirstRow", 0, side);
  const auto window_count = args_int(args, "windowRowCount", 2, side - window_first);
  const auto first_row = args_int(args, "firstRow", 0, side);
  const auto row_count = args_int(args, "rowCount", 0, side - first_row);
  const auto plane = side * (radius + 2);
  const auto forward = args_f32(args, "forward", at_least(2 * window_count * plane));
  const auto weight = args_f32(args, "weight", at_least(window_count * plane));
  const auto sums = args_f64(args, "sums", at_least(3 * row_count * plane));
  return [=] {
    const SymmetryWindow window{box_rows(radius, window_first, window_count), forward.data, weight.data, window_first,
                                window_first + window_count - 1};
    symmetrise_rows({operators.data, operator_count}, window, box_rows(radius, first_row, row_count), sums.data);
  };
}
REGISTER_OP("symmetriseRows", parse_symmetrise_rows);

static Device::Work parse_narrow_sums(Device&, const Args& args) {
  const auto count = args_int(args, "count", 0);
  const auto offset = args_int(args, "offset", 0);
  const auto sums = args_f64(args, "sums", at_least(3 * count));
  const auto forward = args_f32(args, "forward", at_least(2 * (offset + count)));
  const auto weight = args_f32(args, "weight", at_least(offset + count));
  return [=] { narrow_sums(sums.data, count, forward.data + 2 * offset, weight.data + offset); };
}
REGISTER_OP("narrowSums", parse_narrow_sums);

}  // namespace vitreous
