#include "addon/registry.h"
#include "kernels/shell_sums.h"

namespace vitreous {

static Device::Work parse_shell_sums(Device&, const Args& args) {
  const auto radius = args_int(args, "accumulatorRadiusPx", 1, 65536);
  const auto first_row = args_int(args, "firstRow", 0, 2 * radius + 3);
  const auto row_count = args_int(args, "rowCount", 0, 2 * radius + 3 - first_row);
  const auto edge = args_int(args, "edgePx", 0, radius + 1);
  const auto limit = args_double(args, "limitPx");
  const auto padding = args_double(args, "paddingFactor");
  const auto shell_count = args_int(args, "shellCount", 1);
  const auto is_rounded = args_bool(args, "isRounded");
  const auto weight = args_f32(args, "weight", at_least(row_count * (2 * radius + 3) * (radius + 2)));
  const auto prior = args_f64_optional(args, "prior", at_least(shell_count));
  const auto out = args_f64(args, "out", at_least(2 * row_count * shell_count));
  return [=] {
    shell_sums({.weight = weight.data,
                .layout = box_rows(radius, first_row, row_count),
                .edge = edge,
                .limit = limit,
                .padding = padding,
                .shell_count = shell_count,
                .is_rounded = is_rounded,
                .prior = prior.data},
               out.data);
  };
}
REGISTER_OP("shellSums", parse_shell_sums);

}  // namespace vitreous
