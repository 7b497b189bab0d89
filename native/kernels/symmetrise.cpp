#include "kernels/symmetrise.h"

#include <algorithm>
#include <cmath>

namespace vitreous {

namespace {

struct Boxes {
  std::int64_t radius;
  const float* forward;
  const float* weight;
};

struct Sum {
  double re = 0;
  double im = 0;
  double weight = 0;
};

// Adds A(q), or conj A(-q) where q has x < 0. The clamps act only on a matrix that is not a rotation.
void add_sample(const Boxes& boxes, double x, double y, double z, Sum& sum) noexcept {
  const double sign = x < 0 ? -1 : 1;
  const double p[3] = {sign * x, sign * y, sign * z};
  const std::int64_t size_x = boxes.radius + 2;
  const std::int64_t size_y = 2 * boxes.radius + 3;
  std::int64_t lower[3];
  double upper_weight[3];
  for (int axis = 0; axis < 3; ++axis) {
    const double floor = std::floor(p[axis]);
    const double first = axis == 0 ? 0.0 : -static_cast<double>(boxes.radius + 1);
    const double inside = std::clamp(floor, first, static_cast<double>(boxes.radius));
    lower[axis] = static_cast<std::int64_t>(inside);
    upper_weight[axis] = p[axis] - inside;
  }
  for (int dz = 0; dz < 2; ++dz) {
    for (int dy = 0; dy < 2; ++dy) {
      const double row_weight =
          (dy ? upper_weight[1] : 1 - upper_weight[1]) * (dz ? upper_weight[2] : 1 - upper_weight[2]);
      const std::int64_t row = (lower[2] + dz + boxes.radius + 1) * size_y + lower[1] + dy + boxes.radius + 1;
      for (int dx = 0; dx < 2; ++dx) {
        const std::int64_t voxel = row * size_x + lower[0] + dx;
        const double w = (dx ? upper_weight[0] : 1 - upper_weight[0]) * row_weight;
        sum.re += w * static_cast<double>(boxes.forward[2 * voxel]);
        sum.im += w * sign * static_cast<double>(boxes.forward[2 * voxel + 1]);
        sum.weight += w * static_cast<double>(boxes.weight[voxel]);
      }
    }
  }
}

}  // namespace

void symmetrise(const float* operators, std::int64_t operator_count, std::int64_t radius, const float* forward,
                const float* weight, float* out_forward, float* out_weight) noexcept {
  const Boxes boxes{radius, forward, weight};
  const std::int64_t edge = radius + 1;
  const std::int64_t size_x = radius + 2;
  // Each voxel is written by one thread: which one changes no bit.
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t z = -edge; z <= edge; ++z) {
    for (std::int64_t y = -edge; y <= edge; ++y) {
      const std::int64_t row = ((z + edge) * (2 * radius + 3) + y + edge) * size_x;
      for (std::int64_t x = 0; x < size_x; ++x) {
        Sum sum;
        const bool is_inside = x * x + y * y + z * z <= radius * radius;
        for (std::int64_t g = 0; is_inside && g < operator_count; ++g) {
          double q[3];
          for (int axis = 0; axis < 3; ++axis) {
            const float* const m = operators + 9 * g + 3 * axis;
            q[axis] = static_cast<double>(m[0]) * static_cast<double>(x) + static_cast<double>(m[1]) * static_cast<double>(y) +
                      static_cast<double>(m[2]) * static_cast<double>(z);
          }
          add_sample(boxes, q[0], q[1], q[2], sum);
        }
        out_forward[2 * (row + x)] = static_cast<float>(sum.re);
        out_forward[2 * (row + x) + 1] = static_cast<float>(sum.im);
        out_weight[row + x] = static_cast<float>(sum.weight);
      }
    }
  }
}

}  // namespace vitreous
