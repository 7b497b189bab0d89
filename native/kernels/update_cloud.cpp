#include "kernels/update_cloud.h"

#include <algorithm>
#include <cmath>

#include "kernels/cloud_modes.h"
#include "kernels/philox.h"
#include "kernels/student_t.h"
#include "kernels/systematic_resampling.h"
#include "kernels/thread_scratch.h"

namespace vitreous {

namespace {

constexpr std::uint32_t offset_index = 0xfffffffeu;
constexpr double mode_mass = 0.999;
constexpr double mode_reach = 2;
constexpr double looking_points = 12;
constexpr double shrinkage_points = 6;
constexpr double smallest_pivot = 1e-6;
constexpr double pi = 3.141592653589793;

// Places in a row of the summary: SUMMARY of update-cloud.ts.
enum Field { log_evidence, effective_sample_size, max_weight, rotation_field, shift_field = 7, mode_weight = 9,
             rotation_sd, shift_sd, max_log_posterior, failed, mode_count_field, summary_fields = 16 };

struct Scratch {
  double* weights;
  double* log_weights;
  std::int32_t* order;
  std::int32_t* picks;
  std::int32_t* owner;
  std::int32_t* mode_of;  // of each point; -1: none
};

double log_sum_exp(const double* values, std::int64_t count) noexcept {
  double largest = -INFINITY;
  for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, values[i]);
  if (largest == -INFINITY) return largest;
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += std::exp(values[i] - largest);
  return largest + std::log(sum);
}

// Normalised weights; evidence, effective sample size and largest values into the summary. False: the image failed.
bool weigh_cloud(const UpdateCloudJob& job, std::int64_t row, const Scratch& scratch, float* summary) noexcept {
  double* weights = scratch.weights;
  const std::int64_t count = job.rotations_per_image * job.shifts_per_rotation;
  const float* shifts = job.shifts_px + 2 * row * count;
  const float* centre = job.prior_centre_px + 2 * row;
  const double sigma = job.prior_sigma_px[row];
  const double variance = sigma * sigma;
  const double log_prior_peak = -std::log(2 * pi * variance);
  double* log_weights = scratch.log_weights;
  double top = -INFINITY;
  const auto fill = [&](double temper) {
    for (std::int64_t i = 0; i < count; ++i) {
      const double x = static_cast<double>(shifts[2 * i]) - centre[0];
      const double y = static_cast<double>(shifts[2 * i + 1]) - centre[1];
      const double log_posterior = job.log_likelihood[row * count + i] - (x * x + y * y) / (2 * variance) + log_prior_peak;
      const double log_proposal = job.log_proposal[row * count + i];
      const bool is_finite = std::isfinite(log_posterior) && std::isfinite(log_proposal);
      log_weights[i] = is_finite ? temper * log_posterior - log_proposal : -INFINITY;
      if (is_finite) top = std::max(top, log_posterior);
    }
    return log_sum_exp(log_weights, count);
  };
  const double log_total = fill(1);
  summary[log_evidence] = static_cast<float>(log_total - std::log(static_cast<double>(count)));
  summary[max_log_posterior] = static_cast<float>(top);
  const double log_norm = job.temper == 1 ? log_total : fill(job.temper);
  if (log_norm == -INFINITY) {
    std::fill_n(weights, count, 0.0);
    summary[failed] = 1;
    return false;
  }
  double squares = 0;
  double largest = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    log_weights[i] -= log_norm;
    weights[i] = std::exp(log_weights[i]);
    squares += weights[i] * weights[i];
    largest = std::max(largest, weights[i]);
  }
  summary[effective_sample_size] = static_cast<float>(1 / squares);
  summary[max_weight] = static_cast<float>(largest);
  return true;
}

double sum_of_squares(const float* values, int count) noexcept {
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += static_cast<double>(values[i]) * values[i];
  return sum;
}

// Traces of the rotation's and of the shift's block of L L^T.
double rotation_trace(const float* kernel) noexcept { return sum_of_squares(kernel, 6); }
double shift_trace(const float* kernel) noexcept { return sum_of_squares(kernel + 6, 9); }

void fail_cloud(const UpdateCloudJob& job, std::int64_t row, const float* kernel, float* summary) noexcept {
  const float* rotation = job.rotations + 4 * row * job.rotations_per_image;
  const float* shift = job.shifts_px + 2 * row * job.rotations_per_image * job.shifts_per_rotation;
  std::copy_n(rotation, 4, summary + rotation_field);
  std::copy_n(shift, 2, summary + shift_field);
  summary[rotation_sd] = static_cast<float>(std::sqrt(rotation_trace(kernel) / 3));
  summary[shift_sd] = static_cast<float>(std::sqrt(shift_trace(kernel) / 2));
  for (std::int64_t parent = row * job.parent_count; parent < (row + 1) * job.parent_count; ++parent) {
    std::copy_n(rotation, 4, job.parent_rotations + 4 * parent);
    std::copy_n(shift, 2, job.parent_shifts_px + 2 * parent);
    job.parent_weights[parent] = static_cast<float>(1.0 / static_cast<double>(job.parent_count));
  }
}

CloudModes modes_of(const UpdateCloudJob& job, std::int64_t row, const float* kernel, const Scratch& scratch) noexcept {
  const std::int64_t count = job.rotations_per_image * job.shifts_per_rotation;
  const double* weights = scratch.weights;
  std::int32_t* order = scratch.order;
  for (std::int64_t i = 0; i < count; ++i) order[i] = static_cast<std::int32_t>(i);
  std::sort(order, order + count, [=](std::int32_t a, std::int32_t b) {
    return weights[a] != weights[b] ? weights[a] > weights[b] : a < b;
  });
  double mass = 0;
  std::int64_t kept = 0;
  while (kept < count && mass < mode_mass) mass += weights[order[kept++]];
  const CloudPoints points = {order, kept, weights, job.rotations + 4 * row * job.rotations_per_image,
                              job.shifts_px + 2 * row * count, job.shifts_per_rotation, job.symmetry, job.symmetry_count};
  const CloudModes modes = find_modes(points, scratch.owner, mode_reach * std::sqrt(rotation_trace(kernel)),
                                      mode_reach * std::sqrt(shift_trace(kernel)));
  std::fill_n(scratch.mode_of, count, -1);
  for (std::int64_t i = 0; i < kept; ++i) scratch.mode_of[order[i]] = scratch.owner[i];
  return modes;
}

void write_modes(const CloudModes& modes, float* summary) noexcept {
  const double sign = modes.rotation[0] < 0 ? -1 : 1;
  for (int i = 0; i < 4; ++i) summary[rotation_field + i] = static_cast<float>(sign * modes.rotation[i]);
  for (int i = 0; i < 2; ++i) summary[shift_field + i] = static_cast<float>(modes.shift_px[i]);
  summary[mode_weight] = static_cast<float>(modes.mode_weight);
  summary[mode_count_field] = static_cast<float>(modes.mode_count);
  const double* c = modes.covariance;
  summary[rotation_sd] = static_cast<float>(std::sqrt(std::max(0.0, c[0] + c[2] + c[5]) / 3));
  summary[shift_sd] = static_cast<float>(std::sqrt(std::max(0.0, c[9] + c[14]) / 2));
}

// Parents by mode, so that the lattice of the next points fills each mode; drawn in towards their mode's mean.
void resample(const UpdateCloudJob& job, std::int64_t row, const Scratch& scratch, const CloudModes& modes) noexcept {
  const std::int64_t count = job.rotations_per_image * job.shifts_per_rotation;
  std::uint32_t words[4];
  philox4x32(words, job.key[2 * row], job.key[2 * row + 1], job.stream, job.phase, offset_index, 0);
  systematic_picks(scratch.picks, job.parent_count, scratch.weights, count, uniform01(words[0]));
  const std::int32_t* mode_of = scratch.mode_of;
  std::sort(scratch.picks, scratch.picks + job.parent_count, [=](std::int32_t a, std::int32_t b) {
    return mode_of[a] != mode_of[b] ? mode_of[a] < mode_of[b] : a < b;
  });
  for (std::int64_t j = 0; j < job.parent_count; ++j) {
    const std::int64_t parent = row * job.parent_count + j;
    const std::int32_t pick = scratch.picks[j];
    const std::int64_t point = row * count + pick;
    const float* rotation = job.rotations + 4 * (point / job.shifts_per_rotation);
    const float* shift = job.shifts_px + 2 * point;
    float* to_rotation = job.parent_rotations + 4 * parent;
    float* to_shift = job.parent_shifts_px + 2 * parent;
    std::copy_n(rotation, 4, to_rotation);
    std::copy_n(shift, 2, to_shift);
    if (job.parent_spread < 1 && mode_of[pick] >= 0) {
      const double* mean = modes.mean_rotation[mode_of[pick]];
      const double* mean_shift = modes.mean_shift_px[mode_of[pick]];
      const double q[4] = {rotation[0], rotation[1], rotation[2], rotation[3]};
      double v[3];
      relative_vector(v, mean, q, job.symmetry, job.symmetry_count);
      for (double& x : v) x *= job.parent_spread;
      double drawn[4];
      turn_quaternion(drawn, mean, v);
      for (int i = 0; i < 4; ++i) to_rotation[i] = static_cast<float>(drawn[i]);
      for (int i = 0; i < 2; ++i) to_shift[i] = static_cast<float>(mean_shift[i] + job.parent_spread * (shift[i] - mean_shift[i]));
    }
    job.parent_weights[parent] = static_cast<float>(1.0 / static_cast<double>(job.parent_count));
  }
}

// Lower Cholesky factor, packed by rows, in place; small pivots are raised.
void cholesky(double* a, int order) noexcept {
  const auto at = [](int row, int column) { return row * (row + 1) / 2 + column; };
  for (int column = 0; column < order; ++column) {
    const double diagonal = a[at(column, column)];
    double pivot = diagonal;
    for (int k = 0; k < column; ++k) pivot -= a[at(column, k)] * a[at(column, k)];
    const double root = std::sqrt(std::max(pivot, smallest_pivot * diagonal));
    a[at(column, column)] = root;
    for (int row = column + 1; row < order; ++row) {
      double sum = a[at(row, column)];
      for (int k = 0; k < column; ++k) sum -= a[at(row, k)] * a[at(column, k)];
      a[at(row, column)] = sum / root;
    }
  }
}

void write_kernel(const UpdateCloudJob& job, float* kernel, const double* covariance, double ess) noexcept {
  const double shrinkage = shrinkage_points * job.shrink_floor * job.shrink_floor;
  const double rotation = shrinkage * rotation_trace(kernel) / 3;
  const double shift = shrinkage * shift_trace(kernel) / 2;
  const double factor = job.perturb_factor * job.perturb_factor / (ess + shrinkage_points);
  double next[kernel_fields];
  for (int i = 0; i < kernel_fields; ++i) next[i] = covariance[i] * ess;
  for (int i = 0; i < 5; ++i) next[(i + 1) * (i + 2) / 2 - 1] += i < 3 ? rotation : shift;
  for (double& c : next) c *= factor;
  for (int i = 0; i < 5; ++i) {
    const double smallest = i < 3 ? job.min_rotation_rad : job.min_shift_px;
    double& diagonal = next[(i + 1) * (i + 2) / 2 - 1];
    diagonal = std::max(diagonal, smallest * smallest);
  }
  cholesky(next, 5);
  for (int i = 0; i < kernel_fields; ++i) kernel[i] = static_cast<float>(next[i]);
}

// Replaces the weights by the power of themselves, below 1, that has an effective sample size of `target`, and returns
// the size reached: halving finds the bracket, four bisections refine it.
double flatten(const Scratch& scratch, std::int64_t count, double target) noexcept {
  double largest = -INFINITY;
  for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, scratch.log_weights[i]);
  double total = 0;
  const auto size_at = [&](double power) {
    double squares = 0;
    total = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const double w = std::exp(power * (scratch.log_weights[i] - largest));
      scratch.weights[i] = w;
      total += w;
      squares += w * w;
    }
    return total * total / squares;
  };
  double high = 1;
  double low = 0.5;
  while (size_at(low) < target && low > 1e-6) {
    high = low;
    low /= 2;
  }
  for (int step = 0; step < 4; ++step) {
    const double middle = 0.5 * (low + high);
    (size_at(middle) >= target ? low : high) = middle;
  }
  const double size = size_at(low);
  for (std::int64_t i = 0; i < count; ++i) scratch.weights[i] /= total;
  return size;
}

void update_image(const UpdateCloudJob& job, std::int64_t row, const Scratch& scratch) noexcept {
  const std::int64_t count = job.rotations_per_image * job.shifts_per_rotation;
  float* kernel = job.kernel + kernel_fields * row;
  float* summary = job.summary + summary_fields * row;
  std::fill_n(summary, static_cast<int>(summary_fields), 0.0f);
  const bool is_weighed = weigh_cloud(job, row, scratch, summary);
  for (std::int64_t i = 0; i < count; ++i) job.weights[row * count + i] = static_cast<float>(scratch.weights[i]);
  if (!is_weighed) {
    fail_cloud(job, row, kernel, summary);
    return;
  }
  CloudModes modes = modes_of(job, row, kernel, scratch);
  write_modes(modes, summary);
  double ess = summary[effective_sample_size];
  std::int64_t finite_count = 0;
  for (std::int64_t i = 0; i < count; ++i) finite_count += scratch.log_weights[i] > -INFINITY;
  const double target = std::min(looking_points, static_cast<double>(finite_count) / 2);
  if (ess < target) {
    ess = flatten(scratch, count, target);
    modes = modes_of(job, row, kernel, scratch);
  }
  resample(job, row, scratch, modes);
  write_kernel(job, kernel, modes.covariance, ess);
}

}  // namespace

void update_cloud(const UpdateCloudJob& job) {
  const std::int64_t count = job.rotations_per_image * job.shifts_per_rotation;
  ThreadScratch<double> doubles(2 * count);
  ThreadScratch<std::int32_t> integers(3 * count + job.parent_count);
  // Dynamic is safe: an image's cloud depends on no other image.
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t row = 0; row < job.active_count; ++row) {
    update_image(job, row, {doubles.mine(), doubles.mine() + count, integers.mine(), integers.mine() + 3 * count,
                            integers.mine() + count, integers.mine() + 2 * count});
  }
}

}  // namespace vitreous
