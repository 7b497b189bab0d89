#include "kernels/symmetrise.h"

#include <algorithm>
#include <cmath>

#include "kernels/thread_scratch.h"

namespace vitreous {

namespace {

struct Sum {
  double re = 0;
  double im = 0;
  double weight = 0;
};

// A voxel's place under one operator, moved to x >= 0.
struct Image {
  double p[3];
  double sign;            // -1: A is conjugated there
  std::int64_t lower[3];  // floor, within the box; the clamps act only on a matrix that is not a rotation
};

Image image_of(const float* m, std::int64_t radius, std::int64_t x, std::int64_t y, std::int64_t z) noexcept {
  Image image{};
  for (int axis = 0; axis < 3; ++axis) {
    image.p[axis] = static_cast<double>(m[3 * axis]) * static_cast<double>(x) +
                    static_cast<double>(m[3 * axis + 1]) * static_cast<double>(y) +
                    static_cast<double>(m[3 * axis + 2]) * static_cast<double>(z);
  }
  image.sign = image.p[0] < 0 ? -1 : 1;
  for (int axis = 0; axis < 3; ++axis) {
    image.p[axis] *= image.sign;
    const double first = axis == 0 ? 0.0 : -static_cast<double>(radius + 1);
    image.lower[axis] =
        static_cast<std::int64_t>(std::clamp(std::floor(image.p[axis]), first, static_cast<double>(radius)));
  }
  return image;
}

// A(q), or conj A(-q) where q has x < 0, trilinear.
Sum sample(const SymmetryWindow& window, const Image& image) noexcept {
  Sum sum;
  double upper[3];
  for (int axis = 0; axis < 3; ++axis) upper[axis] = image.p[axis] - static_cast<double>(image.lower[axis]);
  for (int dz = 0; dz < 2; ++dz) {
    for (int dy = 0; dy < 2; ++dy) {
      const double row_weight = (dy ? upper[1] : 1 - upper[1]) * (dz ? upper[2] : 1 - upper[2]);
      const std::int64_t row = window.layout.index(image.lower[0], image.lower[1] + dy, image.lower[2] + dz);
      for (int dx = 0; dx < 2; ++dx) {
        const double w = (dx ? upper[0] : 1 - upper[0]) * row_weight;
        sum.re += w * static_cast<double>(window.forward[2 * (row + dx)]);
        sum.im += w * image.sign * static_cast<double>(window.forward[2 * (row + dx) + 1]);
        sum.weight += w * static_cast<double>(window.weight[row + dx]);
      }
    }
  }
  return sum;
}

// Adds the images of (x, y, z) whose lower row lies in the window. `images` and `order` are scratch, [operator count].
void add_images(const SymmetryOperators& operators, const SymmetryWindow& window, std::int64_t x, std::int64_t y,
                std::int64_t z, Image* images, std::int32_t* order, Sum& sum) noexcept {
  const std::int64_t radius = window.layout.radius;
  std::int64_t count = 0;
  for (std::int64_t g = 0; g < operators.count; ++g) {
    images[g] = image_of(operators.matrices + 9 * g, radius, x, y, z);
    const std::int64_t row = images[g].lower[1] + radius + 1;
    if (row < window.lower_first || row >= window.lower_end) continue;
    std::int64_t place = count++;
    for (; place > 0 && images[order[place - 1]].lower[1] > images[g].lower[1]; --place) order[place] = order[place - 1];
    order[place] = static_cast<std::int32_t>(g);
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const Sum part = sample(window, images[order[i]]);
    sum.re += part.re;
    sum.im += part.im;
    sum.weight += part.weight;
  }
}

}  // namespace

void symmetrise(const SymmetryOperators& operators, std::int64_t radius, const float* forward, const float* weight,
                float* out_forward, float* out_weight) {
  const BoxLayout layout = whole_box(radius);
  const SymmetryWindow window{layout, forward, weight, 0, layout.row_count};
  const std::int64_t edge = radius + 1;
  ThreadScratch<Image> images(operators.count);
  ThreadScratch<std::int32_t> order(operators.count);
  // Each voxel is written by one thread: which one changes no bit.
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t z = -edge; z <= edge; ++z) {
    for (std::int64_t y = -edge; y <= edge; ++y) {
      const std::int64_t row = layout.index(0, y, z);
      for (std::int64_t x = 0; x <= edge; ++x) {
        Sum sum;
        if (x * x + y * y + z * z <= radius * radius) {
          add_images(operators, window, x, y, z, images.mine(), order.mine(), sum);
        }
        out_forward[2 * (row + x)] = static_cast<float>(sum.re);
        out_forward[2 * (row + x) + 1] = static_cast<float>(sum.im);
        out_weight[row + x] = static_cast<float>(sum.weight);
      }
    }
  }
}

void symmetrise_rows(const SymmetryOperators& operators, const SymmetryWindow& window, const BoxLayout& out,
                     double* sums) {
  const std::int64_t radius = out.radius;
  const std::int64_t side = 2 * radius + 3;
  ThreadScratch<Image> images(operators.count);
  ThreadScratch<std::int32_t> order(operators.count);
#pragma omp parallel for schedule(dynamic, 16)
  for (std::int64_t line = 0; line < out.row_count * side; ++line) {
    const std::int64_t y = out.y_of(line / side);
    const std::int64_t z = line % side - radius - 1;
    for (std::int64_t x = 0; x <= radius; ++x) {
      if (x * x + y * y + z * z > radius * radius) break;
      double* const to = sums + 3 * out.index(x, y, z);
      Sum sum{to[0], to[1], to[2]};
      add_images(operators, window, x, y, z, images.mine(), order.mine(), sum);
      to[0] = sum.re;
      to[1] = sum.im;
      to[2] = sum.weight;
    }
  }
}

void narrow_sums(const double* sums, std::int64_t length, float* forward, float* weight) noexcept {
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < length; ++i) {
    forward[2 * i] = static_cast<float>(sums[3 * i]);
    forward[2 * i + 1] = static_cast<float>(sums[3 * i + 1]);
    weight[i] = static_cast<float>(sums[3 * i + 2]);
  }
}

}  // namespace vitreous
