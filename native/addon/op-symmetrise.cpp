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
    symmetrise(operators.data, operator_count, radius, forward.data, weight.data, out_forward.data, out_weight.data);
  };
}
REGISTER_OP("symmetrise", parse_symmetrise);

}  // namespace vitreous
