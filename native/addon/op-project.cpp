#include <string>
#include <tuple>

#include "addon/registry.h"
#include "kernels/project.h"

namespace vitreous {

static Device::Work parse_project(Device&, const Args& args) {
  ProjectJob job{};
  job.pixel_count = args_int(args, "pixelCount", 0);
  job.first_pixel = args_int(args, "firstPixel", 0, job.pixel_count);
  job.volume_radius_px = args_int(args, "volumeRadiusPx", 1, 1 << 20);
  job.padding_factor = args_double(args, "paddingFactor");
  job.max_shell = args_int(args, "maxShell", 0);
  job.rotation_count = args_int(args, "rotationCount", 0);
  const std::string layout = args_string(args, "layout");
  if (layout != "panels" && layout != "planes") args_fail(args, "layout", "\"panels\" or \"planes\"", "\"" + layout + "\"");
  job.is_panels = layout == "panels";
  const std::int64_t pixels = job.pixel_count - job.first_pixel;
  const std::int64_t side = 2 * job.volume_radius_px + 3;
  const auto kx = args_i32(args, "bandKx", at_least(job.pixel_count));
  const auto ky = args_i32(args, "bandKy", at_least(job.pixel_count));
  const auto shell = args_i32(args, "bandShell", at_least(job.pixel_count));
  const auto volume = args_f32(args, "volume", at_least(2 * side * side * (job.volume_radius_px + 2)));
  const auto rotations = args_f32(args, "rotations", at_least(4 * job.rotation_count));
  const auto out = args_f32(args, "out", at_least(job.is_panels ? (job.rotation_count + 15) / 16 * 48 * pixels
                                                                : job.rotation_count * 2 * pixels));
  job.band_kx = kx.data;
  job.band_ky = ky.data;
  job.band_shell = shell.data;
  job.volume = volume.data;
  job.rotations = rotations.data;
  job.out = out.data;
  const auto held = std::make_tuple(kx, ky, shell, volume, rotations, out);
  return [job, held] { project(job); };
}
REGISTER_OP("project", parse_project);

}  // namespace vitreous
