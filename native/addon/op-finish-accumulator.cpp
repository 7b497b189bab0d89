#include "addon/registry.h"
#include "kernels/finish_accumulator.h"

namespace vitreous {

static Device::Work parse_finish_accumulator(Device&, const Args& args) {
  const auto radius = args_int(args, "accumulatorRadiusPx", 1, 65536);
  const auto voxel_count = (radius + 2) * (2 * radius + 3) * (2 * radius + 3);
  const auto forward_scale = args_double(args, "forwardScale");
  const auto weight_scale = args_double(args, "weightScale");
  const auto accumulator = args_i64(args, "accumulator", at_least(3 * voxel_count));
  const auto forward = args_f32(args, "forward", at_least(2 * voxel_count));
  const auto weight = args_f32(args, "weight", at_least(voxel_count));
  return [=] {
    finish_accumulator(accumulator.data, radius, forward_scale, weight_scale, forward.data, weight.data);
  };
}
REGISTER_OP("finishAccumulator", parse_finish_accumulator);

}  // namespace vitreous
