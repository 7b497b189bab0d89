#include <tuple>

#include "addon/registry.h"
#include "kernels/compare_cells.h"

namespace vitreous {

static Device::Work parse_compare_cells(Device&, const Args& args) {
  CompareCellsJob job{};
  job.box_px = args_int(args, "boxPx", 1);
  job.band_pixel_count = args_int(args, "bandPixelCount", 0);
  job.image_count = args_int(args, "imageCount", 0);
  job.shell_count = args_int(args, "shellCount", 1);
  job.row_count = args_int(args, "rowCount", 0);
  job.chunk_count = args_int(args, "chunkCount", 0);
  job.slice_count = args_int(args, "sliceCount", 0);
  job.first_slice = args_int(args, "firstSlice", 0);
  job.shift_count = args_int(args, "shiftCount", 1, 1 << 24);
  job.step_px = args_double(args, "stepPx");
  job.cell_count = args_int(args, "cellCount", 0);
  job.keep_count = args_int(args, "keepCount", 0);
  const std::int64_t pixels = 16 * job.row_count;
  const auto shell = args_i32(args, "bandShell", at_least(job.band_pixel_count));
  const auto images = args_f32(args, "images", at_least(job.image_count * 2 * job.band_pixel_count));
  const auto ctf = args_f32_optional(args, "ctf", at_least(job.image_count * job.band_pixel_count));
  const auto inverse_sigma2 = args_f32(args, "inverseSigma2", at_least(job.shell_count));
  const auto group = args_i32(args, "group", at_least(job.image_count));
  const auto scale = args_f32(args, "scale", at_least(job.image_count));
  const auto kx = args_i32(args, "columnKx", at_least(pixels));
  const auto ky = args_i32(args, "columnKy", at_least(pixels));
  const auto source = args_i32(args, "columnSource", at_least(pixels));
  const auto chunk_start = args_i32(args, "chunkStart", at_least(job.chunk_count + 1));
  const auto slices = args_f32(args, "slices", at_least(job.slice_count * 2 * pixels));
  const auto steps = args_i32(args, "shiftSteps", at_least(2 * job.shift_count));
  const auto log_prior = args_f32(args, "logShiftPrior", at_least(job.image_count * job.shift_count));
  const auto cell_start = args_i32(args, "cellStart", at_least(job.image_count + 1));
  const auto cell_slice = args_i32(args, "cellSlice", at_least(job.cell_count));
  const auto cell_shift = args_i32(args, "cellShift", at_least(job.cell_count));
  const auto evidence = args_f64(args, "evidence", at_least(2 * job.image_count));
  const auto top_score = args_f32(args, "topScore", at_least(job.image_count * job.keep_count));
  const auto top_slice = args_i32(args, "topSlice", at_least(job.image_count * job.keep_count));
  const auto top_shift = args_i32(args, "topShift", at_least(job.image_count * job.keep_count));
  job.band_shell = shell.data;
  job.images = images.data;
  job.ctf = ctf.data;
  job.inverse_sigma2 = inverse_sigma2.data;
  job.group = group.data;
  job.scale = scale.data;
  job.column_kx = kx.data;
  job.column_ky = ky.data;
  job.column_source = source.data;
  job.chunk_start = chunk_start.data;
  job.slices = slices.data;
  job.shift_steps = steps.data;
  job.log_shift_prior = log_prior.data;
  job.cell_start = cell_start.data;
  job.cell_slice = cell_slice.data;
  job.cell_shift = cell_shift.data;
  job.evidence = evidence.data;
  job.top_score = top_score.data;
  job.top_slice = top_slice.data;
  job.top_shift = top_shift.data;
  const auto held = std::make_tuple(shell, images, ctf, inverse_sigma2, group, scale, kx, ky, source, chunk_start, slices,
                                    steps, log_prior, cell_start, cell_slice, cell_shift, evidence, top_score, top_slice,
                                    top_shift);
  return [job, held] { compare_cells(job); };
}
REGISTER_OP("compareCells", parse_compare_cells);

}  // namespace vitreous
