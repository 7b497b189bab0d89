// The perturbation kernel of a cloud: a Student t on rotation vectors and one on shifts. Twin of
// src/device/ops/cloud/{student-t,kernel}.ts, where the formulas are explained.
#pragma once

#include <math.h>
#include <stdint.h>

#include <initializer_list>

#include "kernels/philox.h"

namespace vitreous {

constexpr int max_degrees_of_freedom = 32;

struct CloudKernel {
  double rotation[6];     // L00 L10 L11 L20 L21 L22, rad
  double shift[3];        // L00 L10 L11, px
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

// Reads the nine fields of an image's kernel.
inline CloudKernel cloud_kernel(const float fields[9], int nu) noexcept {
  constexpr double pi = 3.141592653589793;
  constexpr double smallest_scale = 1e-9;
  constexpr int direction_count = 48;
  CloudKernel kernel;
  for (int i = 0; i < 6; ++i) kernel.rotation[i] = fields[i];
  for (int i = 0; i < 3; ++i) kernel.shift[i] = fields[6 + i];
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

// sqrt(nu / chi^2_nu) and up to three standard normals, all from the counter (stream, phase, index, block ...).
inline double student_draw(double* normals, int normal_count, int nu, const uint32_t key[2], uint32_t stream,
                           uint32_t phase, uint32_t index, uint32_t attempt) noexcept {
  uint32_t words[4];
  philox4x32(words, key[0], key[1], stream, phase, index, 8 * attempt);
  double four[4];
  normal_pair(four, words[0], words[1]);
  normal_pair(four + 2, words[2], words[3]);
  for (int i = 0; i < normal_count; ++i) normals[i] = four[i];
  double product = 1;
  for (int i = 0; i < nu / 2; ++i) {
    if (i % 4 == 0) philox4x32(words, key[0], key[1], stream, phase, index, 8 * attempt + 1 + static_cast<uint32_t>(i / 4));
    product *= uniform01(words[i % 4]);
  }
  const double odd = nu % 2 == 1 ? four[3] * four[3] : 0;
  return sqrt(nu / (odd - 2 * log(product)));
}

}  // namespace vitreous
