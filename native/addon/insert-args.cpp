#include "addon/insert-args.h"

namespace vitreous {

InsertArgs::InsertArgs(const Args& args) {
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
  kx = args_i32(args, "bandKx", at_least(op.band_pixel_count));
  ky = args_i32(args, "bandKy", at_least(op.band_pixel_count));
  shell = args_i32(args, "bandShell", at_least(op.band_pixel_count));
  images = args_f32(args, "images", at_least(2 * op.image_count * op.band_pixel_count));
  ctf = args_f32_optional(args, "ctf", at_least(op.image_count * op.band_pixel_count));
  inverse_sigma2 = args_f32(args, "inverseSigma2");
  group = args_i32(args, "group", at_least(op.image_count));
  scale = args_f32(args, "scale", at_least(op.image_count));
  image_weight = args_f32(args, "imageWeight", at_least(op.image_count));
  active = args_i32(args, "active", at_least(op.active_count));
  rotations = args_f32(args, "rotations", at_least(4 * rotation_count));
  shifts_px = args_f32(args, "shiftsPx", at_least(2 * rotation_count * op.shifts_per_rotation));
  weights = args_f32(args, "weights", at_least(rotation_count * op.shifts_per_rotation));
  op.group_count = inverse_sigma2.length / op.shell_count;
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
}

}  // namespace vitreous
