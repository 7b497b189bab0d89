#include "kernels/conform_images.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "kernels/fftw_plan.h"
#include "kernels/thread_scratch.h"

namespace vitreous {

namespace {

constexpr double pi = 3.14159265358979323846;

// Kaiser-Bessel window for twofold padding; Beatty, Nishimura & Pauly 2005, IEEE Trans. Med. Imaging 24, 799.
constexpr std::int64_t width = 6;
constexpr double beta = 13.8551;

std::int64_t wrap(std::int64_t index, std::int64_t n) noexcept { return ((index % n) + n) % n; }

double window(double u) noexcept {
  const double inside = 1 - 4 * u * u / static_cast<double>(width * width);
  return inside <= 0 ? 0 : std::cyl_bessel_i(0.0, beta * std::sqrt(inside)) / std::cyl_bessel_i(0.0, beta);
}

// Transform of the window at x of `size` pixels.
double window_transform(double x, double size) noexcept {
  const double u = pi * static_cast<double>(width) * x / size;
  const double root = std::sqrt(beta * beta - u * u);  // |u| <= 6 pi / 4 < beta
  return static_cast<double>(width) * std::sinh(root) / (root * std::cyl_bessel_i(0.0, beta));
}

// Where in the padded transform one pixel of the band is read.
struct Foot {
  std::int64_t x, y;  // first row and column, not wrapped
  float weight_x[width];
  float weight_y[width];
};

struct Tables {
  std::int64_t size;                 // side of the transform that goes in
  std::vector<float> apodisation;    // [in_box_px] 1 / transform of the window along one axis
  std::vector<Foot> feet;            // [pixel_count], empty where nothing is interpolated
};

void axis_foot(double position, std::int64_t& first, float* weight) noexcept {
  first = static_cast<std::int64_t>(std::ceil(position - static_cast<double>(width) / 2));
  for (std::int64_t i = 0; i < width; ++i) weight[i] = static_cast<float>(window(position - static_cast<double>(first + i)));
}

Tables make_tables(const ConformImages& batch) {
  const double* a = batch.matrix;
  const bool is_identity = a[0] == 1 && a[1] == 0 && a[2] == 0 && a[3] == 1;
  Tables tables;
  tables.size = is_identity ? batch.in_box_px : 2 * batch.in_box_px;
  tables.apodisation.assign(static_cast<std::size_t>(batch.in_box_px), 1.0f);
  if (is_identity) return tables;
  const double padding = 2;
  for (std::int64_t x = 0; x < batch.in_box_px; ++x) {
    tables.apodisation[static_cast<std::size_t>(x)] = static_cast<float>(
        1 / window_transform(static_cast<double>(x - batch.in_box_px / 2), static_cast<double>(tables.size)));
  }
  tables.feet.resize(static_cast<std::size_t>(batch.pixel_count));
  for (std::int64_t pixel = 0; pixel < batch.pixel_count; ++pixel) {
    Foot& foot = tables.feet[static_cast<std::size_t>(pixel)];
    const double kx = batch.band_kx[pixel];
    const double ky = batch.band_ky[pixel];
    axis_foot(padding * (a[0] * kx + a[1] * ky), foot.x, foot.weight_x);
    axis_foot(padding * (a[2] * kx + a[3] * ky), foot.y, foot.weight_y);
  }
  return tables;
}

// The image around pixel 0, times the apodisation, in a plane of zeros of side `size`.
void place(const float* in, std::int64_t n, const Tables& tables, float* plane) noexcept {
  std::fill(plane, plane + tables.size * tables.size, 0.0f);
  for (std::int64_t y = 0; y < n; ++y) {
    float* row = plane + wrap(y - n / 2, tables.size) * tables.size;
    const float weight = tables.apodisation[static_cast<std::size_t>(y)];
    for (std::int64_t x = 0; x < n; ++x) {
      row[wrap(x - n / 2, tables.size)] = in[y * n + x] * weight * tables.apodisation[static_cast<std::size_t>(x)];
    }
  }
}

struct Value {
  float re, im;
};

// The transform of a real plane at a whole frequency, from its half.
Value at(const fftwf_complex* transform, std::int64_t size, std::int64_t kx, std::int64_t ky) noexcept {
  const std::int64_t x = wrap(kx, size);
  const std::int64_t y = wrap(ky, size);
  const std::int64_t row = size / 2 + 1;
  if (x <= size / 2) return {transform[y * row + x][0], transform[y * row + x][1]};
  const std::int64_t mate = wrap(-y, size) * row + (size - x);
  return {transform[mate][0], -transform[mate][1]};
}

Value interpolated(const fftwf_complex* transform, std::int64_t size, const Foot& foot) noexcept {
  Value sum{0, 0};
  for (std::int64_t j = 0; j < width; ++j) {
    Value row{0, 0};
    for (std::int64_t i = 0; i < width; ++i) {
      const Value value = at(transform, size, foot.x + i, foot.y + j);
      row.re += foot.weight_x[i] * value.re;
      row.im += foot.weight_x[i] * value.im;
    }
    sum.re += foot.weight_y[j] * row.re;
    sum.im += foot.weight_y[j] * row.im;
  }
  return sum;
}

float away_from_zero(float value, float floor) noexcept {
  return value < 0 ? std::min(value, -floor) : std::max(value, floor);
}

}  // namespace

void conform_images(const ConformImages& batch) {
  const std::int64_t n = batch.box_px;
  const std::int64_t half = n / 2 + 1;
  for (std::int64_t pixel = 0; pixel < batch.pixel_count; ++pixel) {
    const bool is_there = batch.band_kx[pixel] >= 0 && batch.band_kx[pixel] < n / 2 && std::abs(batch.band_ky[pixel]) < n / 2;
    if (!is_there) throw std::out_of_range("bandKx and bandKy must lie inside boxPx/2");
  }
  const Tables tables = make_tables(batch);
  const std::int64_t in_pixels = batch.in_box_px * batch.in_box_px;
  ThreadScratch<float> plane_scratch(tables.size * tables.size);
  ThreadScratch<fftwf_complex> transform_scratch(tables.size * (tables.size / 2 + 1));
  ThreadScratch<float> image_scratch(n * n);
  ThreadScratch<fftwf_complex> out_scratch(n * half);
  const int in_side = static_cast<int>(tables.size);
  const int out_side = static_cast<int>(n);
  const FftwPlan forward([&] {
    return fftwf_plan_dft_r2c_2d(in_side, in_side, plane_scratch.mine(), transform_scratch.mine(), FFTW_ESTIMATE);
  });
  const FftwPlan inverse([&] {
    return fftwf_plan_dft_c2r_2d(out_side, out_side, out_scratch.mine(), image_scratch.mine(), FFTW_ESTIMATE);
  });
  const auto floor = static_cast<float>(batch.ctf_floor);
  const float area = static_cast<float>(n * n);
#pragma omp parallel for schedule(dynamic, 1)
  for (std::int64_t image = 0; image < batch.image_count; ++image) {
    float* plane = plane_scratch.mine();
    fftwf_complex* transform = transform_scratch.mine();
    fftwf_complex* out = out_scratch.mine();
    float* result = image_scratch.mine();
    place(batch.pixels + image * in_pixels, batch.in_box_px, tables, plane);
    forward.real_to_complex(plane, transform);
    std::fill(&out[0][0], &out[0][0] + 2 * n * half, 0.0f);
    for (std::int64_t pixel = 0; pixel < batch.pixel_count; ++pixel) {
      const std::int64_t kx = batch.band_kx[pixel];
      const std::int64_t ky = batch.band_ky[pixel];
      const Value value = tables.feet.empty() ? at(transform, tables.size, kx, ky)
                                              : interpolated(transform, tables.size, tables.feet[static_cast<std::size_t>(pixel)]);
      const float re = batch.factor[pixel];
      const float im = batch.factor[batch.pixel_count + pixel];
      float gain = (((kx + ky) & 1) == 0 ? 1.0f : -1.0f) / area;
      if (batch.ctf != nullptr) gain /= away_from_zero(batch.ctf[image * batch.pixel_count + pixel], floor);
      const float out_re = gain * (re * value.re - im * value.im);
      const float out_im = gain * (re * value.im + im * value.re);
      const std::int64_t target = wrap(ky, n) * half + kx;
      out[target][0] = out_re;
      out[target][1] = out_im;
      if (kx == 0 && ky != 0) {
        const std::int64_t mate = wrap(-ky, n) * half;
        out[mate][0] = out_re;
        out[mate][1] = -out_im;
      }
    }
    inverse.complex_to_real(out, result);
    std::copy(result, result + n * n, batch.out + image * n * n);
  }
}

}  // namespace vitreous
