#include <tuple>

#include "addon/registry.h"
#include "kernels/compare.h"

namespace vitreous {

static Device::Work parse_compare(Device&, const Args& args) {
  CompareJob job{};
  job.box_px = args_int(args, "boxPx", 1);
  job.band_pixel_count = args_int(args, "bandPixelCount", 0);
  job.pixel_count = args_int(args, "pixelCount", 0, job.band_pixel_count);
  job.first_pixel = args_int(args, "firstPixel", 0, job.pixel_count);
  job.image_count = args_int(args, "imageCount", 0);
  job.shell_count = args_int(args, "shellCount", 1);
  job.slice_count = args_int(args, "sliceCount", 0);
  job.first_slice = args_int(args, "firstSlice", 0);
  job.shift_count = args_int(args, "shiftCount", 1, 1 << 24);
  job.keep_count = args_int(args, "keepCount", 0);
  job.profile_scale = args_bool(args, "profileScale");
  const auto kx = args_i32(args, "bandKx", at_least(job.band_pixel_count));
  const auto ky = args_i32(args, "bandKy", at_least(job.band_pixel_count));
  const auto shell = args_i32(args, "bandShell", at_least(job.band_pixel_count));
  const auto images = args_f32(args, "images", at_least(job.image_count * 2 * job.band_pixel_count));
  const auto ctf = args_f32_optional(args, "ctf", at_least(job.image_count * job.band_pixel_count));
  const auto inverse_sigma2 = args_f32(args, "inverseSigma2", at_least(job.shell_count));
  const auto group = args_i32(args, "group", at_least(job.image_count));
  const auto scale = args_f32(args, "scale", at_least(job.image_count));
  const auto slices =
      args_f32(args, "slices", at_least((job.slice_count + 15) / 16 * 48 * (job.pixel_count - job.first_pixel)));
  const auto shifts = args_f32(args, "shiftsPx", at_least(2 * job.shift_count));
  const auto log_prior = args_f32(args, "logShiftPrior", at_least(job.image_count * job.shift_count));
  const auto evidence = args_f64(args, "evidence", at_least(2 * job.image_count));
  const auto top_score = args_f32(args, "topScore", at_least(job.image_count * job.keep_count));
  const auto top_slice = args_i32(args, "topSlice", at_least(job.image_count * job.keep_count));
  const auto top_shift = args_i32(args, "topShift", at_least(job.image_count * job.keep_count));
  const auto profile = args_f32_optional(args, "profile", at_least(4 * job.image_count));
  if (job.profile_scale && job.image_count > 0 && !profile) args_fail(args, "profile", "a buffer where profileScale is true", "none");
  job.band_kx = kx.data;
  job.band_ky = ky.data;
  job.band_shell = shell.data;
  job.images = images.data;
  job.ctf = ctf.data;
  job.inverse_sigma2 = inverse_sigma2.data;
  job.group = group.data;
  job.scale = scale.data;
  job.slices = slices.data;
  job.shifts_px = shifts.data;
  job.log_shift_prior = log_prior.data;
  job.evidence = evidence.data;
  job.top_score = top_score.data;
  job.top_slice = top_slice.data;
  job.top_shift = top_shift.data;
  job.profile = profile.data;
  const auto held = std::make_tuple(kx, ky, shell, images, ctf, inverse_sigma2, group, scale, slices, shifts, log_prior,
                                    evidence, top_score, top_slice, top_shift, profile);
  return [job, held] { compare(job); };
}
REGISTER_OP("compare", parse_compare);

}  // namespace vitreous
