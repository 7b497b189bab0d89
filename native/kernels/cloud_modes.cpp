#include "kernels/cloud_modes.h"

#include <cmath>

namespace vitreous {

namespace {

constexpr int max_modes = 8;

constexpr double joining_widths = 1.5;

struct Pose {
  double q[4];
  double shift_px[2];
};

struct Mode {
  Pose centre;
  double weight;
  double rotation_sum[3];
  double rotation_squares[6];
  double shift_sum[2];
  double shift_squares[3];
};

// What counts as near a mode's centre.
struct Reach {
  double rad;
  double px;
  const float* symmetry;
  std::int64_t symmetry_count;
};

// v = the rotation vector from `centre` to the mate G q that lies nearest to it.
void relative_vector(double v[3], const double centre[4], const double q[4], const Reach& reach) noexcept {
  const double inverse[4] = {centre[0], -centre[1], -centre[2], -centre[3]};
  double best[4] = {0, 0, 0, 0};
  for (std::int64_t g = 0; g < reach.symmetry_count; ++g) {
    const float* s = reach.symmetry + 4 * g;
    const double mate[4] = {s[0], s[1], s[2], s[3]};
    double relative[4];
    multiply_quaternions(relative, mate, q);
    multiply_quaternions(relative, inverse, relative);
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

Pose pose_of(const CloudPoints& points, std::int32_t point) noexcept {
  const float* q = points.rotations + 4 * (point / points.shifts_per_rotation);
  const float* shift = points.shifts_px + 2 * static_cast<std::int64_t>(point);
  return {{q[0], q[1], q[2], q[3]}, {shift[0], shift[1]}};
}

// Angle between two rotations under the nearest mate, rad; rounded to 1e-8 near 0.
double angle_between(const double centre[4], const double q[4], const Reach& reach) noexcept {
  double best = 0;
  for (std::int64_t g = 0; g < reach.symmetry_count; ++g) {
    const float* s = reach.symmetry + 4 * g;
    const double mate[4] = {s[0], s[1], s[2], s[3]};
    double turned[4];
    multiply_quaternions(turned, mate, q);
    const double cosine = std::fabs(centre[0] * turned[0] + centre[1] * turned[1] + centre[2] * turned[2] + centre[3] * turned[3]);
    best = cosine > best ? cosine : best;
  }
  return best < 1 ? 2 * std::acos(best) : 0;
}

struct Nearest {
  int mode;         // the first within reach, or else the nearest; -1 where there is none
  double distance;  // the larger of turn and move, in reaches
};

Nearest nearest_mode(const Mode* modes, int mode_count, const Pose& pose, const Reach& reach) noexcept {
  Nearest nearest = {-1, INFINITY};
  for (int k = 0; k < mode_count && nearest.distance > 1; ++k) {
    const double x = pose.shift_px[0] - modes[k].centre.shift_px[0];
    const double y = pose.shift_px[1] - modes[k].centre.shift_px[1];
    const double turn = angle_between(modes[k].centre.q, pose.q, reach) / reach.rad;
    const double move = std::sqrt(x * x + y * y) / reach.px;
    const double distance = turn > move ? turn : move;
    if (distance < nearest.distance) nearest = {k, distance};
  }
  return nearest;
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

void add_point(Mode& mode, double weight, const Pose& pose, const Reach& reach) noexcept {
  double v[3];
  relative_vector(v, mode.centre.q, pose.q, reach);
  const double t[2] = {pose.shift_px[0] - mode.centre.shift_px[0], pose.shift_px[1] - mode.centre.shift_px[1]};
  mode.weight += weight;
  accumulate(mode.rotation_sum, mode.rotation_squares, weight, v, 3);
  accumulate(mode.shift_sum, mode.shift_squares, weight, t, 2);
}

Pose mean_pose(const Mode& mode) noexcept {
  double v[3];
  for (int i = 0; i < 3; ++i) v[i] = mode.rotation_sum[i] / mode.weight;
  const double angle = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  const double scale = angle < 1e-6 ? 0.5 - angle * angle / 48 : std::sin(angle / 2) / angle;
  const double step[4] = {std::cos(angle / 2), v[0] * scale, v[1] * scale, v[2] * scale};
  Pose mean;
  multiply_quaternions(mean.q, mode.centre.q, step);
  for (int i = 0; i < 2; ++i) mean.shift_px[i] = mode.centre.shift_px[i] + mode.shift_sum[i] / mode.weight;
  return mean;
}

// sqrt(trace) of the covariance within one mode.
double width(const double* sum, const double* squares, double weight, int order) noexcept {
  double trace = 0;
  for (int i = 0; i < order; ++i) trace += squares[(i + 1) * (i + 2) / 2 - 1] / weight - sum[i] / weight * (sum[i] / weight);
  return std::sqrt(trace > 0 ? trace : 0);
}

// Whether two groups stand closer than their own widths warrant: one mode and a piece of its tail.
bool are_one(const Mode& a, const Pose& mean_a, const Mode& b, const Pose& mean_b, const Reach& reach) noexcept {
  double v[3];
  relative_vector(v, mean_a.q, mean_b.q, reach);
  const double turn = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  const double x = mean_b.shift_px[0] - mean_a.shift_px[0];
  const double y = mean_b.shift_px[1] - mean_a.shift_px[1];
  const double move = std::sqrt(x * x + y * y);
  return turn <= joining_widths * (width(a.rotation_sum, a.rotation_squares, a.weight, 3) +
                                   width(b.rotation_sum, b.rotation_squares, b.weight, 3)) &&
         move <= joining_widths * (width(a.shift_sum, a.shift_squares, a.weight, 2) +
                                   width(b.shift_sum, b.shift_squares, b.weight, 2));
}

CloudModes pool(const Mode* modes, int mode_count) noexcept {
  CloudModes result{};
  double total = 0;
  const Mode* heaviest = modes;
  for (const Mode* mode = modes; mode < modes + mode_count; ++mode) {
    if (!(mode->weight > 0)) continue;
    result.mode_count += 1;
    total += mode->weight;
    if (mode->weight > heaviest->weight) heaviest = mode;
    add_scatter(result.rotation_covariance, mode->rotation_sum, mode->rotation_squares, mode->weight, 3);
    add_scatter(result.shift_covariance, mode->shift_sum, mode->shift_squares, mode->weight, 2);
  }
  for (double& c : result.rotation_covariance) c /= total;
  for (double& c : result.shift_covariance) c /= total;
  const Pose mean = mean_pose(*heaviest);
  for (int i = 0; i < 4; ++i) result.rotation[i] = mean.q[i];
  for (int i = 0; i < 2; ++i) result.shift_px[i] = mean.shift_px[i];
  result.mode_weight = heaviest->weight / total;
  return result;
}

}  // namespace

CloudModes find_modes(const CloudPoints& points, std::int32_t* owner, double reach_rad, double reach_px) noexcept {
  const Reach reach = {reach_rad, reach_px, points.symmetry, points.symmetry_count};
  Mode modes[max_modes] = {};
  int mode_count = 0;
  for (std::int64_t i = 0; i < points.order_count; ++i) {
    const Pose pose = pose_of(points, points.order[i]);
    const Nearest nearest = nearest_mode(modes, mode_count, pose, reach);
    int mode = nearest.mode;
    if (mode < 0 || (nearest.distance > 1 && mode_count < max_modes)) {
      mode = mode_count++;
      modes[mode].centre = pose;
    }
    add_point(modes[mode], points.weights[points.order[i]], pose, reach);
    owner[i] = mode;
  }

  int target[max_modes] = {};
  bool is_any_joined = false;
  Pose means[max_modes];
  for (int k = 0; k < mode_count; ++k) {
    means[k] = mean_pose(modes[k]);
    target[k] = k;
    for (int earlier = 0; earlier < k && target[k] == k; ++earlier) {
      if (are_one(modes[earlier], means[earlier], modes[k], means[k], reach)) target[k] = target[earlier];
    }
    is_any_joined = is_any_joined || target[k] != k;
  }
  if (!is_any_joined) return pool(modes, mode_count);
  for (int k = 0; k < mode_count; ++k) modes[k] = Mode{modes[k].centre, 0, {}, {}, {}, {}};
  for (std::int64_t i = 0; i < points.order_count; ++i) {
    const std::int32_t point = points.order[i];
    add_point(modes[target[owner[i]]], points.weights[point], pose_of(points, point), reach);
  }
  return pool(modes, mode_count);
}

}  // namespace vitreous
