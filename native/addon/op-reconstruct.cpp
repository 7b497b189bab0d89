#include "addon/registry.h"
#include "kernels/reconstruct.h"

namespace vitreous {

static Device::Work parse_reconstruct(Device&, const Args& args) {
  const auto box_px = args_int(args, "boxPx", 2, 16384);
  const double padding = args_double(args, "paddingFactor");
  const auto size = static_cast<std::int64_t>(padding * static_cast<double>(box_px));
  const auto radius = args_int(args, "accumulatorRadiusPx", 0, 32768);
  const auto max_shell = args_int(args, "maxShell", 0, 32768);
  const auto gridding_iterations = args_int(args, "griddingIterations", 0);
  const std::int64_t voxel_count = (2 * radius + 3) * (2 * radius + 3) * (radius + 2);
  const auto forward = args_f32(args, "forward", at_least(2 * voxel_count));
  const auto weight = args_f32(args, "weight", at_least(voxel_count));
  const auto prior = args_f64(args, "prior", at_least(max_shell + 1));
  const auto map = args_f32(args, "map", at_least(box_px * box_px * box_px));
  const auto report = args_f64_optional(args, "report", at_least(2));
  return [=] {
    reconstruct({.forward = forward.data,
                 .weight = weight.data,
                 .radius = radius,
                 .padding = padding,
                 .box_px = box_px,
                 .size = size,
                 .max_shell = max_shell,
                 .prior = prior.data,
                 .gridding_iterations = gridding_iterations,
                 .map = map.data,
                 .report = report.data});
  };
}
REGISTER_OP("reconstruct", parse_reconstruct);

}  // namespace vitreous
