#include "addon/registry.h"
#include "kernels/insert.h"

namespace vitreous {

namespace {

Device::Work parse_insert(Device&, const Args& args) {
  Insert op{};
  op.box_px = args_int(args, "boxPx", 2, 32768);
  op.band_pixel_count = args_int(args, "bandPixelCount", 1);
  op.image_count = args_int(args, "imageCount", 0);
  op.shell_count = args_int(args, "shellCount", 1);
  op.active_count = args_int(args, "activeCount", 0);
  op.rotations_per_image = args_int(args, "rotationsPerImage", 1);
  op.shifts_per_rotation = args_int(args, "shiftsPerRotation", 1);
  op.pixel_count = args_int(args, "pixelCount", 0, op.band_pixel_count);
  op.padding_factor = args_double(args, "paddingFactor");
  op.radius = args_int(args, "accumulatorRadiusPx", 1, 65536);
  op.forward_scale = args_double(args, "forwardScale");
  op.weight_scale = args_double(args, "weightScale");
  const auto rotation_count = op.active_count * op.rotations_per_image;
  const auto side = 2 * op.radius + 3;
  const auto kx = args_i32(args, "bandKx", at_least(op.band_pixel_count));
  const auto ky = args_i32(args, "bandKy", at_least(op.band_pixel_count));
  const auto shell = args_i32(args, "bandShell", at_least(op.band_pixel_count));
  const auto images = args_f32(args, "images", at_least(2 * op.image_count * op.band_pixel_count));
  const auto ctf = args_f32_optional(args, "ctf", at_least(op.image_count * op.band_pixel_count));
  const auto inverse_sigma2 = args_f32(args, "inverseSigma2");
  const auto group = args_i32(args, "group", at_least(op.image_count));
  const auto scale = args_f32(args, "scale", at_least(op.image_count));
  const auto image_weight = args_f32(args, "imageWeight", at_least(op.image_count));
  const auto active = args_i32(args, "active", at_least(op.active_count));
  const auto rotations = args_f32(args, "rotations", at_least(4 * rotation_count));
  const auto shifts_px = args_f32(args, "shiftsPx", at_least(2 * rotation_count * op.shifts_per_rotation));
  const auto weights = args_f32(args, "weights", at_least(rotation_count * op.shifts_per_rotation));
  const auto accumulator = args_i64(args, "accumulator", at_least(3 * side * side * (op.radius + 2)));
  op.group_count = inverse_sigma2.length / op.shell_count;
  return [=]() mutable {
    op.band_kx = kx.data;
    op.band_ky = ky.data;
    op.band_shell = shell.data;
    op.images = images.data;
    op.ctf = ctf.data;
    op.inverse_sigma2 = inverse_sigma2.data;
    op.group = group.data;
    op.scale = scale.data;
    op.image_weight = image_weight.data;
    op.active = active.data;
    op.rotations = rotations.data;
    op.shifts_px = shifts_px.data;
    op.weights = weights.data;
    op.accumulator = accumulator.data;
    insert(op);
  };
}
REGISTER_OP("insert", parse_insert);

}  // namespace

}  // namespace vitreous
