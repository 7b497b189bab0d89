#include "kernels/cloud_modes.h"

#include <cmath>

namespace vitreous {

namespace {

constexpr int max_modes = 8;

struct Mode {
  double inverse[4];  // conjugate of the centre's quaternion
  double shift_px[2];
  double weight;
  double rotation_sum[3];
  double rotation_squares[6];
  double shift_sum[2];
  double shift_squares[3];
};

// v = the rotation vector from the mode's centre to the mate G q that lies nearest to it.
void relative_vector(double v[3], const Mode& mode, const double q[4], const float* symmetry, std::int64_t symmetry_count) noexcept {
  double best[4] = {0, 0, 0, 0};
  for (std::int64_t g = 0; g < symmetry_count; ++g) {
    const float* s = symmetry + 4 * g;
    const double mate[4] = {s[0], s[1], s[2], s[3]};
    double relative[4];
    multiply_quaternions(relative, mate, q);
    multiply_quaternions(relative, mode.inverse, relative);
    if (g == 0 || std::fabs(relative[0]) > std::fabs(best[0])) {
      for (int i = 0; i < 4; ++i) best[i] = relative[i];
    }
  }
  const double sign = best[0] < 0 ? -1 : 1;
  const double sine = std::sqrt(best[1] * best[1] + best[2] * best[2] + best[3] * best[3]);
  const double half = std::atan2(sine, sign * best[0]);
  const double scale = sine < 1e-9 ? 2 * sign : 2 * sign * half / sine;
  for (int i = 0; i < 3; ++i) v[i] = best[1 + i] * scale;
}

void accumulate(double* sum, double* squares, double weight, const double* x, int order) noexcept {
  for (int row = 0, at = 0; row < order; ++row) {
    sum[row] += weight * x[row];
    for (int column = 0; column <= row; ++column, ++at) squares[at] += weight * x[row] * x[column];
  }
}

// out += sum w x x^T - (sum w x)(sum w x)^T / sum w.
void add_scatter(double* out, const double* sum, const double* squares, double weight, int order) noexcept {
  for (int row = 0, at = 0; row < order; ++row) {
    for (int column = 0; column <= row; ++column, ++at) out[at] += squares[at] - sum[row] * sum[column] / weight;
  }
}

CloudModes pool(const Mode* modes, int mode_count) noexcept {
  CloudModes result{};
  double total = 0;
  const Mode* heaviest = modes;
  for (const Mode* mode = modes; mode < modes + mode_count; ++mode) {
    total += mode->weight;
    if (mode->weight > heaviest->weight) heaviest = mode;
    add_scatter(result.rotation_covariance, mode->rotation_sum, mode->rotation_squares, mode->weight, 3);
    add_scatter(result.shift_covariance, mode->shift_sum, mode->shift_squares, mode->weight, 2);
  }
  for (double& c : result.rotation_covariance) c /= total;
  for (double& c : result.shift_covariance) c /= total;
  double mean[3];
  for (int i = 0; i < 3; ++i) mean[i] = heaviest->rotation_sum[i] / heaviest->weight;
  const double angle = std::sqrt(mean[0] * mean[0] + mean[1] * mean[1] + mean[2] * mean[2]);
  const double scale = angle < 1e-6 ? 0.5 - angle * angle / 48 : std::sin(angle / 2) / angle;
  const double step[4] = {std::cos(angle / 2), mean[0] * scale, mean[1] * scale, mean[2] * scale};
  const double centre[4] = {heaviest->inverse[0], -heaviest->inverse[1], -heaviest->inverse[2], -heaviest->inverse[3]};
  multiply_quaternions(result.rotation, centre, step);
  for (int i = 0; i < 2; ++i) result.shift_px[i] = heaviest->shift_px[i] + heaviest->shift_sum[i] / heaviest->weight;
  result.mode_count = mode_count;
  result.mode_weight = heaviest->weight / total;
  return result;
}

}  // namespace

CloudModes find_modes(const CloudPoints& points, double reach_rad, double reach_px) noexcept {
  Mode modes[max_modes] = {};
  int mode_count = 0;
  for (std::int64_t i = 0; i < points.order_count; ++i) {
    const std::int32_t point = points.order[i];
    const float* rotation = points.rotations + 4 * (point / points.shifts_per_rotation);
    const double q[4] = {rotation[0], rotation[1], rotation[2], rotation[3]};
    const double shift[2] = {points.shifts_px[2 * point], points.shifts_px[2 * point + 1]};
    double v[3] = {0, 0, 0};
    double nearest_v[3] = {0, 0, 0};
    double nearest_distance = INFINITY;
    int nearest = -1;
    for (int k = 0; k < mode_count; ++k) {
      relative_vector(v, modes[k], q, points.symmetry, points.symmetry_count);
      const double x = shift[0] - modes[k].shift_px[0];
      const double y = shift[1] - modes[k].shift_px[1];
      const double turn = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) / reach_rad;
      const double move = std::sqrt(x * x + y * y) / reach_px;
      const bool is_member = turn <= 1 && move <= 1;
      const double distance = is_member ? -1 : turn * turn + move * move;
      if (distance < nearest_distance) {
        nearest = k;
        nearest_distance = distance;
        for (int axis = 0; axis < 3; ++axis) nearest_v[axis] = v[axis];
      }
      if (is_member) break;
    }
    if (nearest < 0 || (nearest_distance > 0 && mode_count < max_modes)) {
      nearest = mode_count++;
      modes[nearest] = Mode{{q[0], -q[1], -q[2], -q[3]}, {shift[0], shift[1]}, 0, {}, {}, {}, {}};
      for (double& component : nearest_v) component = 0;
    }
    Mode& mode = modes[nearest];
    const double weight = points.weights[point];
    const double t[2] = {shift[0] - mode.shift_px[0], shift[1] - mode.shift_px[1]};
    mode.weight += weight;
    accumulate(mode.rotation_sum, mode.rotation_squares, weight, nearest_v, 3);
    accumulate(mode.shift_sum, mode.shift_squares, weight, t, 2);
  }
  return pool(modes, mode_count);
}

}  // namespace vitreous
