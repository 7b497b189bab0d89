#include "addon/registry.h"
#include "kernels/radial_mean.h"

namespace vitreous {

static Device::Work parse_radial_mean(Device&, const Args& args) {
  const auto radius = args_int(args, "accumulatorRadiusPx", 1, 65536);
  const auto padding_factor = args_double(args, "paddingFactor");
  const auto shell_count = args_int(args, "shellCount", 1);
  const auto weight = args_f32(args, "weight", at_least((radius + 2) * (2 * radius + 3) * (2 * radius + 3)));
  const auto out = args_f64(args, "out", at_least(shell_count));
  return [=] { radial_mean(weight.data, radius, padding_factor, shell_count, out.data); };
}
REGISTER_OP("radialMean", parse_radial_mean);

}  // namespace vitreous
