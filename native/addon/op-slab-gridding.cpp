#include <algorithm>

#include "addon/registry.h"
#include "kernels/slab_gridding.h"

namespace vitreous {

namespace {

// T of some rows with what makes it a density.
struct DensityArgs {
  SlabDensity slab{};
  BufferRef<float> weight;
  BufferRef<double> prior, shell_mean;
  std::int64_t columns;        // e + 1
  std::int64_t row_count;      // of the rows in the grid

  explicit DensityArgs(const Args& args) {
    const auto radius = args_int(args, "accumulatorRadiusPx", 1, 65536);
    const auto first_row = args_int(args, "firstRow", 0, 2 * radius + 3);
    const auto held = args_int(args, "rowCount", 0, 2 * radius + 3 - first_row);
    const auto size = args_int(args, "gridPx", 2, 65536);
    const auto max_shell = args_int(args, "maxShell", 0, 32768);
    weight = args_f32(args, "weight", at_least(held * (2 * radius + 3) * (radius + 2)));
    prior = args_f64(args, "prior", at_least(max_shell + 1));
    shell_mean = args_f64(args, "shellMean", at_least(max_shell + 1));
    slab.input = {.weight = weight.data,
                  .layout = box_rows(radius, first_row, held),
                  .size = size,
                  .padding = args_double(args, "paddingFactor"),
                  .max_shell = max_shell,
                  .prior = prior.data,
                  .floor_share = floor_share_of(args_int(args, "griddingIterations", 0))};
    slab.mean = args_double(args, "mean");
    slab.shell_mean = shell_mean.data;
    const std::int64_t edge = grid_edge(radius, size);
    columns = edge + 1;
    const std::int64_t first = std::max(slab.input.layout.y_of(0), -edge);
    const std::int64_t last = std::min(slab.input.layout.y_of(held - 1), edge);
    row_count = std::max<std::int64_t>(0, last - first + 1);
  }
  std::int64_t half_grid_length() const { return 2 * (slab.input.size / 2 + 1) * row_count * columns; }
  std::int64_t compensation_length() const { return row_count * (2 * columns - 1) * columns; }
};

std::vector<std::int64_t> row_starts(const Args& args, std::int64_t edge) {
  std::vector<std::int64_t> starts;
  for (const double start : args_numbers(args, "rowStarts")) starts.push_back(static_cast<std::int64_t>(start));
  bool is_ordered = starts.size() > 1 && starts.front() == 0 && starts.back() == 2 * edge + 1;
  for (std::size_t i = 1; i < starts.size(); ++i) is_ordered = is_ordered && starts[i] >= starts[i - 1];
  if (!is_ordered) args_fail(args, "rowStarts", "ascending numbers from 0 to the rows of the grid", "others");
  return starts;
}

Device::Work parse_gridding_to_planes(Device&, const Args& args) {
  const DensityArgs density(args);
  const auto is_first = args_bool(args, "isFirst");
  const auto compensation = args_f32(args, "compensation", at_least(density.compensation_length()));
  const auto grid = args_f32(args, "grid", at_least(density.half_grid_length()));
  return [=] { gridding_to_planes(density.slab, is_first, compensation.data, grid.data); };
}
REGISTER_OP("griddingToPlanes", parse_gridding_to_planes);

Device::Work parse_smooth_planes(Device&, const Args& args) {
  const auto size = args_int(args, "gridPx", 2, 65536);
  const auto edge = args_int(args, "edgePx", 0, size / 2 - 1);
  const auto kernel_radius_px = args_double(args, "kernelRadiusPx");
  const auto first_plane = args_int(args, "firstPlane", 0, size / 2 + 1);
  const auto plane_count = args_int(args, "planeCount", 0, size / 2 + 1 - first_plane);
  const auto starts = row_starts(args, edge);
  const auto grid = args_f32(args, "grid", at_least(2 * plane_count * (2 * edge + 1) * (edge + 1)));
  return [=] { smooth_planes(size, edge, kernel_radius_px, first_plane, plane_count, starts, grid.data); };
}
REGISTER_OP("smoothPlanes", parse_smooth_planes);

Device::Work parse_gridding_from_planes(Device&, const Args& args) {
  const DensityArgs density(args);
  const auto compensation = args_f32(args, "compensation", at_least(density.compensation_length()));
  const auto grid = args_f32(args, "grid", at_least(density.half_grid_length()));
  const auto error = args_f64(args, "error", at_least(1));
  return [=] { gridding_from_planes(density.slab, grid.data, compensation.data, error.data); };
}
REGISTER_OP("griddingFromPlanes", parse_gridding_from_planes);

Device::Work parse_map_lines(Device&, const Args& args) {
  const DensityArgs density(args);
  const auto box_px = args_int(args, "boxPx", 2, 16384);
  const BoxLayout& layout = density.slab.input.layout;
  const auto forward = args_f32(args, "forward", at_least(2 * layout.row_count * layout.stride_y));
  const auto compensation = args_f32_optional(args, "compensation", at_least(density.compensation_length()));
  const auto grid = args_f32(args, "grid", at_least(2 * box_px * density.row_count * density.columns));
  return [=] { slab_map_lines(density.slab, forward.data, compensation.data, box_px, grid.data); };
}
REGISTER_OP("mapLines", parse_map_lines);

Device::Work parse_map_planes(Device&, const Args& args) {
  const auto box_px = args_int(args, "boxPx", 2, 16384);
  const auto size = args_int(args, "gridPx", 2, 65536);
  const auto edge = args_int(args, "edgePx", 0, size / 2 - 1);
  const auto first_plane = args_int(args, "firstPlane", 0, box_px);
  const auto plane_count = args_int(args, "planeCount", 0, box_px - first_plane);
  const auto starts = row_starts(args, edge);
  const auto grid = args_f32(args, "grid", at_least(2 * plane_count * (2 * edge + 1) * (edge + 1)));
  const auto map = args_f32(args, "map", at_least(plane_count * box_px * box_px));
  return [=] { slab_map_planes(grid.data, box_px, size, edge, first_plane, plane_count, starts, map.data); };
}
REGISTER_OP("mapPlanes", parse_map_planes);

}  // namespace

}  // namespace vitreous
