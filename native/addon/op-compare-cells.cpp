#include <tuple>

#include "addon/registry.h"
#include "kernels/compare_cells.h"

namespace vitreous {

static Device::Work parse_compare_cells(Device&, const Args& args) {
  CompareCellsJob job{};
  job.box_px = args_int(args, "boxPx", 1);
  job.band_pixel_count = args_int(args, "bandPixelCount", 0);
  job.pixel_count = args_int(args, "pixelCount", 0, job.band_pixel_count);
  job.first_pixel = args_int(args, "firstPixel", 0, job.pixel_count);
  job.image_count = args_int(args, "imageCount", 0);
  job.shell_count = args_int(args, "shellCount", 1);
  job.slice_count = args_int(args, "sliceCount", 0);
  job.first_slice = args_int(args, "firstSlice", 0);
  job.shift_count = args_int(args, "shiftCount", 1, 1 << 24);
  job.neighbour_count = args_int(args, "neighbourCount", 1, 1 << 16);
  job.cell_count = args_int(args, "cellCount", 0);
  job.keep_count = args_int(args, "keepCount", 0);
  const auto kx = args_i32(args, "bandKx", at_least(job.band_pixel_count));
  const auto ky = args_i32(args, "bandKy", at_least(job.band_pixel_count));
  const auto shell = args_i32(args, "bandShell", at_least(job.band_pixel_count));
  const auto images = args_f32(args, "images", at_least(job.image_count * 2 * job.band_pixel_count));
  const auto ctf = args_f32_optional(args, "ctf", at_least(job.image_count * job.band_pixel_count));
  const auto inverse_sigma2 = args_f32(args, "inverseSigma2", at_least(job.shell_count));
  const auto group = args_i32(args, "group", at_least(job.image_count));
  const auto scale = args_f32(args, "scale", at_least(job.image_count));
  const auto slices =
      args_f32(args, "slices", at_least(job.slice_count * 2 * (job.pixel_count - job.first_pixel)));
  const auto shifts = args_f32(args, "shiftsPx", at_least(2 * job.shift_count));
  const auto log_prior = args_f32(args, "logShiftPrior", at_least(job.image_count * job.shift_count));
  const auto neighbours = args_i32(args, "neighbours", at_least(job.shift_count * job.neighbour_count));
  const auto cell_start = args_i32(args, "cellStart", at_least(job.image_count + 1));
  const auto cell_slice = args_i32(args, "cellSlice", at_least(job.cell_count));
  const auto cell_shift = args_i32(args, "cellShift", at_least(job.cell_count));
  const auto evidence = args_f64(args, "evidence", at_least(2 * job.image_count));
  const auto top_score = args_f32(args, "topScore", at_least(job.image_count * job.keep_count));
  const auto top_slice = args_i32(args, "topSlice", at_least(job.image_count * job.keep_count));
  const auto top_shift = args_i32(args, "topShift", at_least(job.image_count * job.keep_count));
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
  job.neighbours = neighbours.data;
  job.cell_start = cell_start.data;
  job.cell_slice = cell_slice.data;
  job.cell_shift = cell_shift.data;
  job.evidence = evidence.data;
  job.top_score = top_score.data;
  job.top_slice = top_slice.data;
  job.top_shift = top_shift.data;
  const auto held = std::make_tuple(kx, ky, shell, images, ctf, inverse_sigma2, group, scale, slices, shifts, log_prior,
                                    neighbours, cell_start, cell_slice, cell_shift, evidence, top_score, top_slice,
                                    top_shift);
  return [job, held] { compare_cells(job); };
}
REGISTER_OP("compareCells", parse_compare_cells);

}  // namespace vitreous
