#include "addon/registry.h"
#include "kernels/propose_points.h"
#include "kernels/student_t.h"

namespace vitreous {

namespace {

constexpr std::int64_t largest_word = 0xffffffff;

Device::Work parse_propose_points(Device&, const Args& args) {
  ProposePointsJob job{};
  job.active_count = args_int(args, "activeCount", 0);
  job.rotations_per_image = args_int(args, "rotationsPerImage", 1);
  job.shifts_per_rotation = args_int(args, "shiftsPerRotation", 1);
  job.parent_count = args_int(args, "parentCount", 1);
  job.symmetry_count = args_int(args, "symmetryCount", 1);
  job.degrees_of_freedom = static_cast<std::int32_t>(args_int(args, "degreesOfFreedom", 1, max_degrees_of_freedom));
  job.stream = static_cast<std::uint32_t>(args_int(args, "stream", 0, largest_word));
  job.phase = static_cast<std::uint32_t>(args_int(args, "phase", 0, largest_word));
  const auto rotation_count = job.active_count * job.rotations_per_image;
  const auto parent_count = job.active_count * job.parent_count;
  const auto rotations = args_f32(args, "rotations", at_least(4 * rotation_count));
  const auto shifts_px = args_f32(args, "shiftsPx", at_least(2 * rotation_count * job.shifts_per_rotation));
  const auto parent_rotations = args_f32(args, "parentRotations", at_least(4 * parent_count));
  const auto parent_shifts_px = args_f32(args, "parentShiftsPx", at_least(2 * parent_count));
  const auto parent_weights = args_f32(args, "parentWeights", at_least(parent_count));
  const auto kernel = args_f32(args, "kernel", at_least(kernel_fields * job.active_count));
  const auto symmetry = args_f32(args, "symmetry", at_least(4 * job.symmetry_count));
  const auto key = args_u32(args, "key", at_least(2 * job.active_count));
  const auto log_proposal = args_f32(args, "logProposal", at_least(rotation_count * job.shifts_per_rotation));
  return [=]() mutable {
    job.rotations = rotations.data;
    job.shifts_px = shifts_px.data;
    job.parent_rotations = parent_rotations.data;
    job.parent_shifts_px = parent_shifts_px.data;
    job.parent_weights = parent_weights.data;
    job.kernel = kernel.data;
    job.symmetry = symmetry.data;
    job.key = key.data;
    job.log_proposal = log_proposal.data;
    propose_points(job);
  };
}
REGISTER_OP("proposePoints", parse_propose_points);

}  // namespace

}  // namespace vitreous
