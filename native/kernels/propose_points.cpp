#include "kernels/propose_points.h"

#include <cmath>

#include "kernels/cloud_modes.h"
#include "kernels/philox.h"
#include "kernels/student_t.h"
#include "kernels/systematic_resampling.h"
#include "kernels/thread_scratch.h"
#include "simd/dispatch.h"
#include "simd/propose_points.h"

namespace vitreous {

namespace {

constexpr std::uint32_t offset_index = 0xffffffffu;
constexpr std::uint32_t lattice_index = 0xfffffffdu;
constexpr std::uint32_t max_redraws = 16;
constexpr double pi = 3.141592653589793;

// The point of a unit Student t in three dimensions at three uniforms.
void student_at3(double z[3], const StudentBall3& ball, const double u[3]) noexcept {
  const double radius = ball.radius(u[0]);
  z[2] = radius * (2 * u[1] - 1);
  const double ring = radius * 2 * std::sqrt(u[1] * (1 - u[1]));
  z[0] = ring * std::cos(2 * pi * u[2]);
  z[1] = ring * std::sin(2 * pi * u[2]);
}

// v = L z of the scaled turn z, which is drawn again at random while |v| >= pi.
void turn_within_pi(double v[3], double z[3], const ProposePointsJob& job, const StudentBall3& ball, const CloudKernel& kernel,
                    const std::uint32_t* key, std::uint32_t index) noexcept {
  const double* l = kernel.rotation;
  for (std::uint32_t attempt = 1;; ++attempt) {
    v[0] = l[0] * z[0];
    v[1] = l[1] * z[0] + l[2] * z[1];
    v[2] = l[3] * z[0] + l[4] * z[1] + l[5] * z[2];
    const double length = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    if (length < pi) return;
    if (attempt == max_redraws) {
      for (int i = 0; i < 3; ++i) {
        v[i] = v[i] * 0.99 * pi / length;
        z[i] = z[i] * 0.99 * pi / length;
      }
      return;
    }
    std::uint32_t words[4];
    philox4x32(words, key[0], key[1], job.stream, job.phase, index, attempt);
    const double u[3] = {uniform01(words[0]), uniform01(words[1]), uniform01(words[2])};
    student_at3(z, ball, u);
  }
}

// Lattice of five dimensions: point m is (offset_d + m / g^(d + 1)) mod 1, g the positive root of x^6 = x + 1, in units of 2^-32.
constexpr std::uint32_t lattice_step[5] = {3785032106u, 3335640776u, 2939605022u, 2590590015u, 2283013049u};

void draw_points(const ProposePointsJob& job, const StudentBall3& ball, std::int64_t row, const CloudKernel& kernel,
                 std::int32_t* picks) noexcept {
  const std::uint32_t* key = job.key + 2 * row;
  const float* weights = job.parent_weights + row * job.parent_count;
  std::uint32_t words[4];
  philox4x32(words, key[0], key[1], job.stream, job.phase, offset_index, 0);
  systematic_picks(picks, job.rotations_per_image, weights, job.parent_count, uniform01(words[0]));
  std::uint32_t offset[8];
  philox4x32(offset, key[0], key[1], job.stream, job.phase, lattice_index, 0);
  philox4x32(offset + 4, key[0], key[1], job.stream, job.phase, lattice_index, 1);
  const std::int64_t shift_count = job.shifts_per_rotation;
  for (std::int64_t m = 0; m < job.rotations_per_image; ++m) {
    const std::int64_t parent = row * job.parent_count + picks[m];
    double u[5];
    for (int d = 0; d < 5; ++d) u[d] = uniform01(offset[d] + static_cast<std::uint32_t>(m) * lattice_step[d]);
    double v[3], turn[3];
    student_at3(turn, ball, u);
    turn_within_pi(v, turn, job, ball, kernel, key, static_cast<std::uint32_t>(m));
    const double angle = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    const double scale = angle < 1e-6 ? 0.5 - angle * angle / 48 : std::sin(angle / 2) / angle;
    const double step[4] = {std::cos(angle / 2), v[0] * scale, v[1] * scale, v[2] * scale};
    const float* from = job.parent_rotations + 4 * parent;
    const double start[4] = {from[0], from[1], from[2], from[3]};
    double q[4];
    multiply_quaternions(q, start, step);
    const double length = std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
    float* rotation = job.rotations + 4 * (row * job.rotations_per_image + m);
    for (int i = 0; i < 4; ++i) rotation[i] = static_cast<float>(q[i] / length);
    const double* f = kernel.follow;
    const float* old = job.parent_shifts_px + 2 * parent;
    const double centre[2] = {old[0] + f[0] * turn[0] + f[1] * turn[1] + f[2] * turn[2],
                              old[1] + f[3] * turn[0] + f[4] * turn[1] + f[5] * turn[2]};
    float* shifts = job.shifts_px + 2 * (row * job.rotations_per_image + m) * shift_count;
    const double nu = job.degrees_of_freedom;
    for (std::int64_t s = 0; s < shift_count; ++s) {
      // Equal angles round a circle, each in its own stratum of the radius.
      const double share = (static_cast<double>((s + m) % shift_count) + u[4]) / static_cast<double>(shift_count);
      const double radius = std::sqrt(nu * (std::pow(1 - share, -2 / nu) - 1));
      const double azimuth = 2 * pi * (u[3] + static_cast<double>(s) / static_cast<double>(shift_count));
      const double z0 = radius * std::cos(azimuth);
      const double z1 = radius * std::sin(azimuth);
      shifts[2 * s] = static_cast<float>(centre[0] + kernel.shift[0] * z0);
      shifts[2 * s + 1] = static_cast<float>(centre[1] + kernel.shift[1] * z0 + kernel.shift[2] * z1);
    }
  }
}

// Rotations whose |w| to a mate of a parent is below this add less than 1e-9 of the kernel's peak: 0 if none can.
float negligible_cosine(const CloudKernel& kernel, int nu) noexcept {
  double trace = 0;
  for (const double l : kernel.rotation) trace += l * l;
  const double angle = std::sqrt(trace * nu * (std::pow(10.0, 18.0 / (nu + 3)) - 1));
  return angle < pi ? static_cast<float>(std::cos(angle / 2)) : 0.0f;
}

// Equal parents are looked for among this many of the last different ones.
constexpr std::int64_t looked_back = 16;

// Columns of the parents that have a weight, equal ones as one: after a phase that weighs, those of a mode all lie at its mean. Columns up
// to a whole vector weigh nothing.
void take_parents(const ProposePointsJob& job, std::int64_t row, ProposalDensityJob& density) noexcept {
  const std::int64_t width = density.padded_count;
  const auto column = [&](int field) { return density.parents + field * width; };
  std::int64_t count = 0;
  for (std::int64_t parent = row * job.parent_count; parent < (row + 1) * job.parent_count; ++parent) {
    const float weight = job.parent_weights[parent];
    const float* q = job.parent_rotations + 4 * parent;
    const float* t = job.parent_shifts_px + 2 * parent;
    if (weight == 0) continue;
    std::int64_t place = count;
    for (std::int64_t j = count - 1; j >= 0 && j >= count - looked_back; --j) {
      bool is_equal = column(4)[j] == t[0] && column(5)[j] == t[1];
      for (int i = 0; i < 4; ++i) is_equal = is_equal && column(i)[j] == q[i];
      if (is_equal) {
        place = j;
        break;
      }
    }
    if (place < count) {
      column(6)[place] += weight;
      continue;
    }
    for (int i = 0; i < 4; ++i) column(i)[count] = q[i];
    for (int i = 0; i < 2; ++i) column(4 + i)[count] = t[i];
    column(6)[count++] = weight;
  }
  density.used_count = (count + 7) / 8 * 8;
  for (std::int64_t j = count; j < density.used_count; ++j) {
    for (int i = 0; i < 6; ++i) column(i)[j] = count > 0 ? column(i)[0] : 0;
    column(6)[j] = 0;
  }
}

void fill_density(const ProposePointsJob& job, std::int64_t row, const CloudKernel& kernel, ProposalDensityJob& density) noexcept {
  const double* l = kernel.rotation;
  float* inverse = density.inverse_rotation;
  inverse[0] = static_cast<float>(1 / l[0]);
  inverse[2] = static_cast<float>(1 / l[2]);
  inverse[5] = static_cast<float>(1 / l[5]);
  inverse[1] = static_cast<float>(-l[1] / (l[0] * l[2]));
  inverse[4] = static_cast<float>(-l[4] / (l[2] * l[5]));
  inverse[3] = static_cast<float>((l[1] * l[4] / l[2] - l[3]) / (l[0] * l[5]));
  for (int i = 0; i < 6; ++i) density.follow[i] = static_cast<float>(kernel.follow[i]);
  density.inverse_shift[0] = static_cast<float>(1 / kernel.shift[0]);
  density.inverse_shift[1] = static_cast<float>(-kernel.shift[1] / (kernel.shift[0] * kernel.shift[2]));
  density.inverse_shift[2] = static_cast<float>(1 / kernel.shift[2]);
  density.negligible_cosine = negligible_cosine(kernel, job.degrees_of_freedom);
  take_parents(job, row, density);
  density.rotations = job.rotations + 4 * row * job.rotations_per_image;
  density.shifts_px = job.shifts_px + 2 * row * job.rotations_per_image * job.shifts_per_rotation;
  density.out = job.log_proposal + row * job.rotations_per_image * job.shifts_per_rotation;
}

using ProposalDensity = void (*)(const ProposalDensityJob&) noexcept;

ProposalDensity kernel_in_force() {
  switch (active_isa()) {
    case Isa::avx512: return avx512::proposal_density;
    case Isa::avx2: return avx2::proposal_density;
    case Isa::sse2: break;
  }
  return sse2::proposal_density;
}

}  // namespace

void propose_points(const ProposePointsJob& job) {
  const ProposalDensity proposal_density = kernel_in_force();
  const StudentBall3 ball(job.degrees_of_freedom);
  ProposalDensityJob shared{};
  shared.padded_count = (job.parent_count + 7) / 8 * 8;
  shared.degrees_of_freedom = job.degrees_of_freedom;
  shared.symmetry = job.symmetry;
  shared.symmetry_count = job.symmetry_count;
  shared.rotation_count = job.rotations_per_image;
  shared.shift_count = job.shifts_per_rotation;
  ThreadScratch<float> floats(10 * shared.padded_count);
  ThreadScratch<std::int32_t> all_picks(job.rotations_per_image);
  const std::int64_t point_count = job.rotations_per_image * job.shifts_per_rotation;
  // Dynamic is safe: an image's points depend on no other image.
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t row = 0; row < job.active_count; ++row) {
    const CloudKernel kernel = cloud_kernel(job.kernel + kernel_fields * row, job.degrees_of_freedom);
    draw_points(job, ball, row, kernel, all_picks.mine());
    ProposalDensityJob density = shared;
    density.parents = floats.mine();
    density.rotation_weights = density.parents + 7 * shared.padded_count;
    density.centres = density.rotation_weights + shared.padded_count;
    fill_density(job, row, kernel, density);
    proposal_density(density);
    double total = 0;
    for (std::int64_t j = 0; j < job.parent_count; ++j) total += static_cast<double>(job.parent_weights[row * job.parent_count + j]);
    const double peak = kernel.rotation_peak * 8 * pi * pi * kernel.shift_peak / static_cast<double>(job.symmetry_count);
    float* out = density.out;
    for (std::int64_t i = 0; i < point_count; ++i) {
      out[i] = static_cast<float>(std::log(peak / total) + std::log(static_cast<double>(out[i])));
    }
  }
}

}  // namespace vitreous
