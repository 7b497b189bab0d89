#pragma once

#include <cstdint>

namespace vitreous {

// Groups of points: twin of src/device/ops/cloud/modes.ts.
struct CloudModes {
  std::int64_t mode_count;
  double rotation[4];             // mean pose of the heaviest mode
  double shift_px[2];
  double mode_weight;             // its share of the weight
  double rotation_covariance[6];  // pooled within modes, lower triangle, rad^2
  double shift_covariance[3];     // px^2
};

// One image's weighted points.
struct CloudPoints {
  const std::int32_t* order;  // by falling weight
  std::int64_t order_count;
  const double* weights;
  const float* rotations;     // [points / shifts_per_rotation][4]
  const float* shifts_px;     // [points][2]
  std::int64_t shifts_per_rotation;
  const float* symmetry;      // [symmetry_count][4], identity first
  std::int64_t symmetry_count;
};

//   owner  scratch [order_count]
CloudModes find_modes(const CloudPoints& points, std::int32_t* owner, double reach_rad, double reach_px) noexcept;

// out = p q.
inline void multiply_quaternions(double out[4], const double p[4], const double q[4]) noexcept {
  const double w = p[0] * q[0] - p[1] * q[1] - p[2] * q[2] - p[3] * q[3];
  const double x = p[0] * q[1] + p[1] * q[0] + p[2] * q[3] - p[3] * q[2];
  const double y = p[0] * q[2] - p[1] * q[3] + p[2] * q[0] + p[3] * q[1];
  const double z = p[0] * q[3] + p[1] * q[2] - p[2] * q[1] + p[3] * q[0];
  out[0] = w, out[1] = x, out[2] = y, out[3] = z;
}

}  // namespace vitreous
