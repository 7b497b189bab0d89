#pragma once

#include <cstdint>

namespace vitreous {

// New support points of each image and the density they were drawn from; src/device/ops/propose-points.ts is the contract.
struct ProposePointsJob {
  std::int64_t active_count;
  std::int64_t rotations_per_image;
  std::int64_t shifts_per_rotation;
  float* rotations;              // [active][rotations][4]
  float* shifts_px;              // [active][rotations][shifts][2]
  std::int64_t parent_count;
  const float* parent_rotations; // [active][parents][4]
  const float* parent_shifts_px; // [active][parents][2]
  const float* parent_weights;   // [active][parents]
  const float* kernel;           // [active][15]
  std::int32_t degrees_of_freedom;
  const float* symmetry;         // [symmetry_count][4]
  std::int64_t symmetry_count;
  const std::uint32_t* key;      // [active][2]
  std::uint32_t stream;
  std::uint32_t phase;
  float* log_proposal;           // [active][rotations][shifts]
};

void propose_points(const ProposePointsJob& job);

}  // namespace vitreous
