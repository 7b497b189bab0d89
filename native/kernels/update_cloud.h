#pragma once

#include <cstdint>

namespace vitreous {

// Weights, summary, next parents and next kernel of each image's cloud; src/device/ops/update-cloud.ts is the contract.
struct UpdateCloudJob {
  std::int64_t active_count;
  std::int64_t rotations_per_image;
  std::int64_t shifts_per_rotation;
  const float* rotations;       // [active][rotations][4]
  const float* shifts_px;       // [active][rotations][shifts][2]
  const float* log_likelihood;  // [active][rotations][shifts]
  const float* log_proposal;    // [active][rotations][shifts]
  const float* prior_centre_px; // [active][2]
  const float* prior_sigma_px;  // [active]
  double temper;
  double perturb_factor;
  double parent_spread;
  double shrink_floor;
  double min_rotation_rad;
  double min_shift_px;
  const float* symmetry;        // [symmetry_count][4]
  std::int64_t symmetry_count;
  const std::uint32_t* key;     // [active][2]
  std::uint32_t stream;
  std::uint32_t phase;
  float* kernel;                // [active][15], read and overwritten
  float* weights;               // [active][rotations][shifts]
  std::int64_t parent_count;
  float* parent_rotations;      // [active][parents][4]
  float* parent_shifts_px;      // [active][parents][2]
  float* parent_weights;        // [active][parents]
  float* summary;               // [active][16]
};

void update_cloud(const UpdateCloudJob& job);

}  // namespace vitreous
