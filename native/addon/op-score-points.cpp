#include "addon/registry.h"
#include "kernels/score_points.h"

namespace vitreous {

namespace {

Device::Work parse_score_points(Device&, const Args& args) {
  ScorePointsJob job{};
  job.box_px = args_int(args, "boxPx", 2, 32768);
  job.band_pixel_count = args_int(args, "bandPixelCount", 1);
  job.image_count = args_int(args, "imageCount", 0);
  job.shell_count = args_int(args, "shellCount", 1);
  // A voxel's number must fit 32 bits.
  job.volume_radius = args_int(args, "volumeRadiusPx", 1, 800);
  job.padding_factor = args_double(args, "paddingFactor");
  job.max_shell = args_int(args, "maxShell", 0);
  job.active_count = args_int(args, "activeCount", 0);
  job.rotations_per_image = args_int(args, "rotationsPerImage", 1);
  job.shifts_per_rotation = args_int(args, "shiftsPerRotation", 1);
  job.end_pixel = args_int(args, "pixelCount", 0, job.band_pixel_count);
  job.first_pixel = args_int(args, "firstPixel", 0, job.end_pixel);
  const auto rotation_count = job.active_count * job.rotations_per_image;
  const auto side = 2 * job.volume_radius + 3;
  const auto kx = args_i32(args, "bandKx", at_least(job.band_pixel_count));
  const auto ky = args_i32(args, "bandKy", at_least(job.band_pixel_count));
  const auto shell = args_i32(args, "bandShell", at_least(job.band_pixel_count));
  const auto images = args_f32(args, "images", at_least(2 * job.image_count * job.band_pixel_count));
  const auto ctf = args_f32_optional(args, "ctf", at_least(job.image_count * job.band_pixel_count));
  const auto inverse_sigma2 = args_f32(args, "inverseSigma2");
  const auto group = args_i32(args, "group", at_least(job.image_count));
  const auto scale = args_f32(args, "scale", at_least(job.image_count));
  const auto volume = args_f32(args, "volume", at_least(2 * side * side * (job.volume_radius + 2)));
  const auto active = args_i32(args, "active", at_least(job.active_count));
  const auto rotations = args_f32(args, "rotations", at_least(4 * rotation_count));
  const auto shifts_px = args_f32(args, "shiftsPx", at_least(2 * rotation_count * job.shifts_per_rotation));
  const auto out = args_f32(args, "out", at_least(rotation_count * job.shifts_per_rotation));
  job.group_count = inverse_sigma2.length / job.shell_count;
  return [=]() mutable {
    job.band_kx = kx.data;
    job.band_ky = ky.data;
    job.band_shell = shell.data;
    job.images = images.data;
    job.ctf = ctf.data;
    job.inverse_sigma2 = inverse_sigma2.data;
    job.group = group.data;
    job.scale = scale.data;
    job.volume = volume.data;
    job.active = active.data;
    job.rotations = rotations.data;
    job.shifts_px = shifts_px.data;
    job.out = out.data;
    score_points(job);
  };
}
REGISTER_OP("scorePoints", parse_score_points);

}  // namespace

}  // namespace vitreous
