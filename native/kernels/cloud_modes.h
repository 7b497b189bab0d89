#pragma once

#include <cmath>
#include <cstdint>

namespace vitreous {

// Groups of points: twin of src/device/ops/cloud/modes.ts.
struct CloudModes {
  static constexpr int max_count = 8;
  std::int64_t mode_count;
  double rotation[4];     // mean pose of the heaviest mode
  double shift_px[2];
  double mode_weight;     // its share of the weight
  double covariance[15];  // of (rotation vector, shift), pooled within modes, lower triangle, rad and px
  double mean_rotation[max_count][4];
  double mean_shift_px[max_count][2];
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

//   owner  [order_count], overwritten: the mode of each point, an index of the means
CloudModes find_modes(const CloudPoints& points, std::int32_t* owner, double reach_rad, double reach_px) noexcept;

// v = the rotation vector from `centre` to the mate G q that lies nearest to it.
void relative_vector(double v[3], const double centre[4], const double q[4], const float* symmetry, std::int64_t symmetry_count) noexcept;

// out = p q.
inline void multiply_quaternions(double out[4], const double p[4], const double q[4]) noexcept {
  const double w = p[0] * q[0] - p[1] * q[1] - p[2] * q[2] - p[3] * q[3];
  const double x = p[0] * q[1] + p[1] * q[0] + p[2] * q[3] - p[3] * q[2];
  const double y = p[0] * q[2] - p[1] * q[3] + p[2] * q[0] + p[3] * q[1];
  const double z = p[0] * q[3] + p[1] * q[2] - p[2] * q[1] + p[3] * q[0];
  out[0] = w, out[1] = x, out[2] = y, out[3] = z;
}

// out = p exp(v).
inline void turn_quaternion(double out[4], const double p[4], const double v[3]) noexcept {
  const double angle = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  const double scale = angle < 1e-6 ? 0.5 - angle * angle / 48 : std::sin(angle / 2) / angle;
  const double step[4] = {std::cos(angle / 2), v[0] * scale, v[1] * scale, v[2] * scale};
  multiply_quaternions(out, p, step);
}

}  // namespace vitreous
