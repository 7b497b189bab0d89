#include "addon/registry.h"
#include "kernels/residuals.h"

namespace vitreous {

namespace {

Device::Work parse_residuals(Device&, const Args& args) {
  Residuals op{};
  op.box_px = args_int(args, "boxPx", 2, 32768);
  op.band_pixel_count = args_int(args, "bandPixelCount", 1);
  op.image_count = args_int(args, "imageCount", 0);
  op.shell_count = args_int(args, "shellCount", 1);
  op.active_count = args_int(args, "activeCount", 0);
  op.rotations_per_image = args_int(args, "rotationsPerImage", 1);
  op.shifts_per_rotation = args_int(args, "shiftsPerRotation", 1);
  op.padding_factor = args_double(args, "paddingFactor");
  op.radius = args_int(args, "volumeRadiusPx", 1, 65536);
  op.max_shell = args_int(args, "maxShell", 0);
  const auto rotation_count = op.active_count * op.rotations_per_image;
  const auto side = 2 * op.radius + 3;
  const auto kx = args_i32(args, "bandKx", at_least(op.band_pixel_count));
  const auto ky = args_i32(args, "bandKy", at_least(op.band_pixel_count));
  const auto shell = args_i32(args, "bandShell", at_least(op.band_pixel_count));
  const auto images = args_f32(args, "images", at_least(2 * op.image_count * op.band_pixel_count));
  const auto ctf = args_f32_optional(args, "ctf", at_least(op.image_count * op.band_pixel_count));
  const auto scale = args_f32(args, "scale", at_least(op.image_count));
  const auto volume = args_f32(args, "volume", at_least(2 * side * side * (op.radius + 2)));
  const auto active = args_i32(args, "active", at_least(op.active_count));
  const auto rotations = args_f32(args, "rotations", at_least(4 * rotation_count));
  const auto shifts_px = args_f32(args, "shiftsPx", at_least(2 * rotation_count * op.shifts_per_rotation));
  const auto weights = args_f32(args, "weights", at_least(rotation_count * op.shifts_per_rotation));
  const auto out = args_f64(args, "out", at_least(3 * op.active_count * op.shell_count));
  return [=]() mutable {
    op.band_kx = kx.data;
    op.band_ky = ky.data;
    op.band_shell = shell.data;
    op.images = images.data;
    op.ctf = ctf.data;
    op.scale = scale.data;
    op.volume = volume.data;
    op.active = active.data;
    op.rotations = rotations.data;
    op.shifts_px = shifts_px.data;
    op.weights = weights.data;
    op.out = out.data;
    residuals(op);
  };
}
REGISTER_OP("residuals", parse_residuals);

}  // namespace

}  // namespace vitreous
