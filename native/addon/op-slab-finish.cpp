#include "addon/registry.h"
#include "kernels/slab_finish.h"

namespace vitreous {

static Device::Work parse_hermitian_column(Device&, const Args& args) {
  const auto radius = args_int(args, "accumulatorRadiusPx", 1, 65536);
  const auto row_count = args_int(args, "rowCount", 0, 2 * radius + 3);
  const auto accumulator = args_i64(args, "accumulator", at_least(3 * row_count * (2 * radius + 3) * (radius + 2)));
  const auto out = args_i64(args, "out", at_least(3 * row_count * (2 * radius + 3)));
  return [=] { hermitian_column(accumulator.data, radius, row_count, out.data); };
}
REGISTER_OP("hermitianColumn", parse_hermitian_column);

static Device::Work parse_claim_slab(Device&, const Args& args) {
  const auto radius = args_int(args, "accumulatorRadiusPx", 1, 65536);
  const auto first_row = args_int(args, "firstRow", 0, 2 * radius + 3);
  const auto row_count = args_int(args, "rowCount", 0, 2 * radius + 3 - first_row);
  const auto accumulator = args_i64(args, "accumulator", at_least(3 * row_count * (2 * radius + 3) * (radius + 2)));
  return [=] { claim_slab(accumulator.data, radius, first_row, row_count); };
}
REGISTER_OP("claimSlab", parse_claim_slab);

static Device::Work parse_finish_slab(Device&, const Args& args) {
  const auto radius = args_int(args, "accumulatorRadiusPx", 1, 65536);
  const auto first_row = args_int(args, "firstRow", 0, 2 * radius + 3);
  const auto row_count = args_int(args, "rowCount", 0, 2 * radius + 3 - first_row);
  const auto forward_scale = args_double(args, "forwardScale");
  const auto weight_scale = args_double(args, "weightScale");
  const auto voxel_count = row_count * (2 * radius + 3) * (radius + 2);
  const auto accumulator = args_i64(args, "accumulator", at_least(3 * voxel_count));
  const auto column = args_i64(args, "column", at_least(3 * (2 * radius + 3) * (2 * radius + 3)));
  const auto weight = args_f32(args, "weight", at_least(voxel_count));
  return [=] {
    finish_slab(accumulator.data, radius, first_row, row_count, column.data, forward_scale, weight_scale, weight.data);
  };
}
REGISTER_OP("finishSlab", parse_finish_slab);

static Device::Work parse_add_fixed(Device&, const Args& args) {
  const auto count = args_int(args, "count", 0);
  const auto offset = args_int(args, "targetOffset", 0);
  const auto source = args_i64(args, "source", at_least(count));
  const auto target = args_i64(args, "target", at_least(offset + count));
  return [=] { add_fixed(source.data, target.data + offset, count); };
}
REGISTER_OP("addFixed", parse_add_fixed);

static Device::Work parse_add_sums(Device&, const Args& args) {
  const auto count = args_int(args, "count", 0);
  const auto source = args_f32(args, "source", at_least(count));
  const auto target = args_f32(args, "target", at_least(count));
  return [=] { add_sums(source.data, target.data, count); };
}
REGISTER_OP("addSums", parse_add_sums);

}  // namespace vitreous
