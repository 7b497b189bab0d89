#include "addon/registry.h"
#include "kernels/student_t.h"
#include "kernels/update_cloud.h"

namespace vitreous {

namespace {

constexpr std::int64_t largest_word = 0xffffffff;

Device::Work parse_update_cloud(Device&, const Args& args) {
  UpdateCloudJob job{};
  job.active_count = args_int(args, "activeCount", 0);
  job.rotations_per_image = args_int(args, "rotationsPerImage", 1, 1 << 20);
  job.shifts_per_rotation = args_int(args, "shiftsPerRotation", 1, 1 << 10);
  job.parent_count = args_int(args, "parentCount", 1);
  job.symmetry_count = args_int(args, "symmetryCount", 1);
  job.temper = args_double(args, "temper");
  job.perturb_factor = args_double(args, "perturbFactor");
  job.parent_spread = args_double(args, "parentSpread");
  job.shrink_floor = args_double(args, "shrinkFloor");
  job.min_rotation_rad = args_double(args, "minRotationRad");
  job.min_shift_px = args_double(args, "minShiftPx");
  job.stream = static_cast<std::uint32_t>(args_int(args, "stream", 0, largest_word));
  job.phase = static_cast<std::uint32_t>(args_int(args, "phase", 0, largest_word));
  const auto rotation_count = job.active_count * job.rotations_per_image;
  const auto point_count = rotation_count * job.shifts_per_rotation;
  const auto parents = job.active_count * job.parent_count;
  const auto rotations = args_f32(args, "rotations", at_least(4 * rotation_count));
  const auto shifts_px = args_f32(args, "shiftsPx", at_least(2 * point_count));
  const auto log_likelihood = args_f32(args, "logLikelihood", at_least(point_count));
  const auto log_proposal = args_f32(args, "logProposal", at_least(point_count));
  const auto prior_centre_px = args_f32(args, "priorCentrePx", at_least(2 * job.active_count));
  const auto prior_sigma_px = args_f32(args, "priorSigmaPx", at_least(job.active_count));
  const auto symmetry = args_f32(args, "symmetry", at_least(4 * job.symmetry_count));
  const auto key = args_u32(args, "key", at_least(2 * job.active_count));
  const auto kernel = args_f32(args, "kernel", at_least(kernel_fields * job.active_count));
  const auto weights = args_f32(args, "weights", at_least(point_count));
  const auto parent_rotations = args_f32(args, "parentRotations", at_least(4 * parents));
  const auto parent_shifts_px = args_f32(args, "parentShiftsPx", at_least(2 * parents));
  const auto parent_weights = args_f32(args, "parentWeights", at_least(parents));
  const auto summary = args_f32(args, "summary", at_least(16 * job.active_count));
  return [=]() mutable {
    job.rotations = rotations.data;
    job.shifts_px = shifts_px.data;
    job.log_likelihood = log_likelihood.data;
    job.log_proposal = log_proposal.data;
    job.prior_centre_px = prior_centre_px.data;
    job.prior_sigma_px = prior_sigma_px.data;
    job.symmetry = symmetry.data;
    job.key = key.data;
    job.kernel = kernel.data;
    job.weights = weights.data;
    job.parent_rotations = parent_rotations.data;
    job.parent_shifts_px = parent_shifts_px.data;
    job.parent_weights = parent_weights.data;
    job.summary = summary.data;
    update_cloud(job);
  };
}
REGISTER_OP("updateCloud", parse_update_cloud);

}  // namespace

}  // namespace vitreous
