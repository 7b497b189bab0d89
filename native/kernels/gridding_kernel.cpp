#include "kernels/gridding_kernel.h"

#include <cmath>

namespace vitreous {

namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double alpha = 15;

// sqrt(pi/2) B_{1.5}(v) / v^1.5 of v = sqrt|w|: I for w >= 0, J for w < 0; 1/3 at 0.
double bessel_ratio(double w) noexcept {
  const double v = std::sqrt(std::abs(w));
  if (v < 1e-2) return 1.0 / 3 + w / 30;
  if (w > 0) return (std::cosh(v) - std::sinh(v) / v) / (v * v);
  return (std::sin(v) / v - std::cos(v)) / (v * v);
}

}  // namespace

std::vector<float> gridding_kernel(std::int64_t size, double radius_px, double factor) {
  const std::int64_t length = 3 * (size / 2) * (size / 2) + 1;
  std::vector<float> kernel(static_cast<std::size_t>(length));
  const double scale = factor / bessel_ratio(alpha * alpha);
#pragma omp parallel for schedule(static)
  for (std::int64_t squared = 0; squared < length; ++squared) {
    const double u = 2 * pi * radius_px * std::sqrt(static_cast<double>(squared)) / static_cast<double>(size);
    kernel[static_cast<std::size_t>(squared)] = static_cast<float>(scale * bessel_ratio(alpha * alpha - u * u));
  }
  return kernel;
}

}  // namespace vitreous
