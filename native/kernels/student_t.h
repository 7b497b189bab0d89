// The perturbation kernel of a cloud: a Student t on rotation vectors and one on shifts. Twin of
// src/device/ops/cloud/{student-t,kernel}.ts, where the formulas are explained.
#pragma once

#include <math.h>
#include <stdint.h>

#include <initializer_list>

namespace vitreous {

constexpr int max_degrees_of_freedom = 32;

struct CloudKernel {
  double rotation[6];     // L00 L10 L11 L20 L21 L22, rad
  double follow[6];       // L30 L31 L32 L40 L41 L42, px: the shift that goes with a turn
  double shift[3];        // L33 L43 L44, px
  double rotation_peak;   // density of the rotation vector at 0 among draws with |v| < pi, per rad^3
  double shift_peak;      // per px^2
};

// Gamma((nu + 3)/2) / Gamma(nu/2).
inline double gamma_ratio3(int nu) noexcept {
  constexpr double root_pi = 1.7724538509055159;
  double ratio = nu % 2 == 1 ? 1 / root_pi : 3 * root_pi / 4;
  for (int n = nu % 2 == 1 ? 1 : 2; n < nu; n += 2) ratio *= static_cast<double>(n + 3) / n;
  return ratio;
}

// P(|v| > sqrt(radius2)) of the 3D Student t with unit scale matrix.
inline double tail_mass3(int nu, double radius2) noexcept {
  const double y = nu / (nu + radius2);
  const double a = nu / 2.0;
  const double beta = 1.7724538509055159 / 2 / gamma_ratio3(nu);
  double term = 1;
  double sum = 1;
  for (int n = 0; n < 500 && term > 1e-12 * sum; ++n) {
    term *= y * (a + 1.5 + n) / (a + 1 + n);
    sum += term;
  }
  const double mass = pow(y, a) * (1 - y) * sqrt(1 - y) * sum / (a * beta);
  return mass < 1 ? mass : 1;
}

// |L^-1 v|^2 for the factor of the rotation.
inline double rotation_distance2(const double factor[6], double x, double y, double z) noexcept {
  const double a = x / factor[0];
  const double b = (y - factor[1] * a) / factor[2];
  const double c = (z - factor[3] * a - factor[4] * b) / factor[5];
  return a * a + b * b + c * c;
}

// Fields of an image's kernel: the packed lower Cholesky factor of order 5.
constexpr int kernel_fields = 15;

// Reads the fields of an image's kernel.
inline CloudKernel cloud_kernel(const float fields[kernel_fields], int nu) noexcept {
  constexpr double pi = 3.141592653589793;
  constexpr double smallest_scale = 1e-9;
  constexpr int direction_count = 48;
  CloudKernel kernel;
  for (int i = 0; i < 6; ++i) kernel.rotation[i] = fields[i];
  for (int i = 0; i < 3; ++i) {
    kernel.follow[i] = fields[6 + i];
    kernel.follow[3 + i] = fields[10 + i];
  }
  kernel.shift[0] = fields[9];
  kernel.shift[1] = fields[13];
  kernel.shift[2] = fields[14];
  for (const int i : {0, 2, 5}) {
    if (!(kernel.rotation[i] > smallest_scale)) kernel.rotation[i] = smallest_scale;
  }
  for (const int i : {0, 2}) {
    if (!(kernel.shift[i] > smallest_scale)) kernel.shift[i] = smallest_scale;
  }
  const double volume = kernel.rotation[0] * kernel.rotation[2] * kernel.rotation[5];
  double outside = 0;
  for (int i = 0; i < direction_count; ++i) {
    const double z = 1 - static_cast<double>(2 * i + 1) / direction_count;
    const double radius = sqrt(1 - z * z);
    const double azimuth = i * pi * (3 - sqrt(5.0));
    const double s = rotation_distance2(kernel.rotation, radius * cos(azimuth), radius * sin(azimuth), z);
    outside += tail_mass3(nu, pi * pi * s) / (volume * s * sqrt(s));
  }
  const double inside = 1 - outside / direction_count;
  kernel.rotation_peak = gamma_ratio3(nu) / pow(nu * pi, 1.5) / (volume * (inside > 0.1 ? inside : 0.1));
  kernel.shift_peak = 1 / (2 * pi * kernel.shift[0] * kernel.shift[2]);
  return kernel;
}

// P(|v| < sqrt(nu) tan(angle)) of the 3D Student t with unit scale matrix, and its derivative by the angle.
inline double ball_mass3(int nu, double angle, double* slope) noexcept {
  constexpr double half_root_pi = 0.88622692545275805;
  const double s = sin(angle);
  const double c = cos(angle);
  // I_t(3/2, nu/2), t = sin^2: from I_t(3/2, 1/2) or I_t(3/2, 1) by its recurrence in the second argument.
  double b = nu % 2 == 1 ? 0.5 : 1.0;
  double mass = nu % 2 == 1 ? (angle - s * c) / 1.5707963267948966 : s * s * s;
  double term = nu % 2 == 1 ? s * s * s * c / (half_root_pi * half_root_pi) : 1.5 * s * s * s * c * c;
  for (; b < 0.5 * nu; b += 1) {
    mass += term;
    term *= c * c * (b + 1.5) / (b + 1);
  }
  double density = 2 * s * s * gamma_ratio3(nu) / half_root_pi;
  for (int i = 1; i < nu; ++i) density *= c;
  *slope = density;
  return mass;
}

// Angle of ball_mass3 at which the ball holds the share u: Newton's method on the cube root of its mass, kept within a bracket, from
// the angle given.
inline double ball_angle3(int nu, double u, double angle) noexcept {
  const double target = cbrt(u);
  double low = 0;
  double high = 1.5707963267948966;
  for (int i = 0; i < 60; ++i) {
    double slope;
    const double mass = ball_mass3(nu, angle, &slope);
    if (mass < u) {
      low = angle;
    } else {
      high = angle;
    }
    const double root = cbrt(mass);
    double next = angle - (root - target) * 3 * root * root / slope;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    const double step = next - angle;
    angle = next;
    // Steps shrink as their squares: the next would be below 1e-14.
    if (step < 1e-8 && step > -1e-8) break;
  }
  return angle;
}

// Radii of balls of the 3D Student t with unit scale matrix: a table of angles spares most of Newton's steps.
class StudentBall3 {
 public:
  explicit StudentBall3(int nu) noexcept : nu_(nu) {
    angles_[0] = 0;
    for (int i = 1; i < intervals; ++i) {
      const double root = static_cast<double>(i) / intervals;
      angles_[i] = ball_angle3(nu, root * root * root, 0.7);
    }
    angles_[intervals] = 1.5707963267948966;
  }
  // Radius of the ball that holds the share u, 0 < u < 1.
  double radius(double u) const noexcept {
    const double place = cbrt(u) * intervals;
    const int i = place < intervals - 1 ? static_cast<int>(place) : intervals - 1;
    const double start = angles_[i] + (place - i) * (angles_[i + 1] - angles_[i]);
    return sqrt(static_cast<double>(nu_)) * tan(ball_angle3(nu_, u, start));
  }

 private:
  static constexpr int intervals = 256;
  int nu_;
  double angles_[intervals + 1];
};

}  // namespace vitreous
