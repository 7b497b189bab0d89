#include "kernels/cloud_modes.h"

#include <algorithm>
#include <cmath>

namespace vitreous {

namespace {

constexpr int max_modes = CloudModes::max_count;

constexpr double joining_widths = 1.5;
constexpr double pi = 3.141592653589793;

struct Pose {
  double q[4];
  double shift_px[2];
};

struct Mode {
  Pose centre;
  double weight;
  // Of the rotation vector and the shift relative to the centre: sum w x, and the lower triangle of sum w x x^T.
  double sum[5];
  double squares[15];
};

// What counts as near a mode's centre.
struct Reach {
  double rad;
  double cosine;  // of half of it: where |w| of the turn is larger, no angle need be known
  double px;
  const float* symmetry;
  std::int64_t symmetry_count;
};

Pose pose_of(const CloudPoints& points, std::int32_t point) noexcept {
  const float* q = points.rotations + 4 * (point / points.shifts_per_rotation);
  const float* shift = points.shifts_px + 2 * static_cast<std::int64_t>(point);
  return {{q[0], q[1], q[2], q[3]}, {shift[0], shift[1]}};
}

// Cosine of half the angle between two rotations under the nearest mate.
double half_cosine_between(const double centre[4], const double q[4], const Reach& reach) noexcept {
  double best = 0;
  for (std::int64_t g = 0; g < reach.symmetry_count; ++g) {
    const float* s = reach.symmetry + 4 * g;
    const double mate[4] = {s[0], s[1], s[2], s[3]};
    double turned[4];
    multiply_quaternions(turned, mate, q);
    const double cosine = std::fabs(centre[0] * turned[0] + centre[1] * turned[1] + centre[2] * turned[2] + centre[3] * turned[3]);
    best = cosine > best ? cosine : best;
  }
  return best;
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
    const double half_cosine = half_cosine_between(modes[k].centre.q, pose.q, reach);
    const double move = std::sqrt(x * x + y * y) / reach.px;
    if (move <= 1 && half_cosine >= reach.cosine) return {k, move};
    const double turn = half_cosine < 1 ? 2 * std::acos(half_cosine) / reach.rad : 0;
    const double distance = turn > move ? turn : move;
    if (distance < nearest.distance) nearest = {k, distance};
  }
  return nearest;
}

void accumulate(double* sum, double* squares, double weight, const double* x) noexcept {
  for (int row = 0, at = 0; row < 5; ++row) {
    sum[row] += weight * x[row];
    for (int column = 0; column <= row; ++column, ++at) squares[at] += weight * x[row] * x[column];
  }
}

// out += sum w x x^T - (sum w x)(sum w x)^T / sum w.
void add_scatter(double* out, const double* sum, const double* squares, double weight) noexcept {
  for (int row = 0, at = 0; row < 5; ++row) {
    for (int column = 0; column <= row; ++column, ++at) out[at] += squares[at] - sum[row] * sum[column] / weight;
  }
}

void add_point(Mode& mode, double weight, const Pose& pose, const Reach& reach) noexcept {
  double x[5];
  relative_vector(x, mode.centre.q, pose.q, reach.symmetry, reach.symmetry_count);
  for (int i = 0; i < 2; ++i) x[3 + i] = pose.shift_px[i] - mode.centre.shift_px[i];
  mode.weight += weight;
  accumulate(mode.sum, mode.squares, weight, x);
}

Pose mean_pose(const Mode& mode) noexcept {
  double v[3];
  for (int i = 0; i < 3; ++i) v[i] = mode.sum[i] / mode.weight;
  Pose mean;
  turn_quaternion(mean.q, mode.centre.q, v);
  for (int i = 0; i < 2; ++i) mean.shift_px[i] = mode.centre.shift_px[i] + mode.sum[3 + i] / mode.weight;
  return mean;
}

// sqrt(trace) of the covariance within one mode, axes first .. end - 1.
double width(const Mode& mode, int first, int end) noexcept {
  double trace = 0;
  for (int i = first; i < end; ++i) {
    const double mean = mode.sum[i] / mode.weight;
    trace += mode.squares[(i + 1) * (i + 2) / 2 - 1] / mode.weight - mean * mean;
  }
  return std::sqrt(trace > 0 ? trace : 0);
}

// Whether two groups stand closer than their own widths warrant: one mode and a piece of its tail.
bool are_one(const Mode& a, const Pose& mean_a, const Mode& b, const Pose& mean_b, const Reach& reach) noexcept {
  double v[3];
  relative_vector(v, mean_a.q, mean_b.q, reach.symmetry, reach.symmetry_count);
  const double turn = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  const double x = mean_b.shift_px[0] - mean_a.shift_px[0];
  const double y = mean_b.shift_px[1] - mean_a.shift_px[1];
  const double move = std::sqrt(x * x + y * y);
  return turn <= joining_widths * (width(a, 0, 3) + width(b, 0, 3)) &&
         move <= joining_widths * (width(a, 3, 5) + width(b, 3, 5));
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
    add_scatter(result.covariance, mode->sum, mode->squares, mode->weight);
    const Pose mean = mean_pose(*mode);
    std::copy_n(mean.q, 4, result.mean_rotation[mode - modes]);
    std::copy_n(mean.shift_px, 2, result.mean_shift_px[mode - modes]);
  }
  for (double& c : result.covariance) c /= total;
  std::copy_n(result.mean_rotation[heaviest - modes], 4, result.rotation);
  std::copy_n(result.mean_shift_px[heaviest - modes], 2, result.shift_px);
  result.mode_weight = heaviest->weight / total;
  return result;
}

}  // namespace

void relative_vector(double v[3], const double centre[4], const double q[4], const float* symmetry, std::int64_t symmetry_count) noexcept {
  const double inverse[4] = {centre[0], -centre[1], -centre[2], -centre[3]};
  double best[4] = {0, 0, 0, 0};
  for (std::int64_t g = 0; g < symmetry_count; ++g) {
    const float* s = symmetry + 4 * g;
    const double mate[4] = {s[0], s[1], s[2], s[3]};
    double relative[4];
    multiply_quaternions(relative, mate, q);
    multiply_quaternions(relative, inverse, relative);
    if (g == 0 || std::fabs(relative[0]) > std::fabs(best[0])) std::copy_n(relative, 4, best);
  }
  const double sign = best[0] < 0 ? -1 : 1;
  const double sine = std::sqrt(best[1] * best[1] + best[2] * best[2] + best[3] * best[3]);
  const double half = std::atan2(sine, sign * best[0]);
  const double scale = sine < 1e-9 ? 2 * sign : 2 * sign * half / sine;
  for (int i = 0; i < 3; ++i) v[i] = best[1 + i] * scale;
}

CloudModes find_modes(const CloudPoints& points, std::int32_t* owner, double reach_rad, double reach_px) noexcept {
  const Reach reach = {reach_rad, std::cos(std::min(reach_rad, pi) / 2), reach_px, points.symmetry, points.symmetry_count};
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
  for (int k = 0; k < mode_count; ++k) modes[k] = Mode{modes[k].centre, 0, {}, {}};
  for (std::int64_t i = 0; i < points.order_count; ++i) {
    const std::int32_t point = points.order[i];
    owner[i] = target[owner[i]];
    add_point(modes[owner[i]], points.weights[point], pose_of(points, point), reach);
  }
  return pool(modes, mode_count);
}

}  // namespace vitreous
