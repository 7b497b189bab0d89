#include "kernels/prepare_images.h"

#include <cmath>
#include <stdexcept>
#include <vector>

#include "kernels/fftw_plan.h"
#include "kernels/philox.h"
#include "kernels/thread_scratch.h"

namespace vitreous {

namespace {

constexpr double pi = 3.14159265358979323846;

std::int64_t wrap(std::int64_t index, std::int64_t n) noexcept { return ((index % n) + n) % n; }

// What is the same for every image of a batch.
struct Tables {
  std::vector<float> keep;          // [N][N] mask weight m
  std::vector<float> noise;         // [N][N] sqrt(1 - m^2)
  std::vector<std::int32_t> shell;  // [N][N/2+1], cut to the last row of the sigma2 table
  std::vector<std::int64_t> source; // [pixel_count] place of each band pixel in the half-complex transform
  std::vector<float> sign;          // [pixel_count] (-1)^(kx+ky)
};

void make_mask(const PrepareImages& batch, Tables& tables) {
  const std::int64_t n = batch.box_px;
  tables.keep.resize(static_cast<std::size_t>(n * n));
  tables.noise.resize(static_cast<std::size_t>(n * n));
  for (std::int64_t y = 0; y < n; ++y) {
    for (std::int64_t x = 0; x < n; ++x) {
      const double dx = static_cast<double>(x - n / 2);
      const double dy = static_cast<double>(y - n / 2);
      const double beyond_px = std::sqrt(dx * dx + dy * dy) - batch.mask_radius_px;
      double m = 1;
      if (beyond_px >= batch.mask_edge_px) {
        m = 0;
      } else if (beyond_px > 0) {
        m = 0.5 + 0.5 * std::cos(pi * beyond_px / batch.mask_edge_px);
      }
      if (beyond_px <= 0) m = 1;
      tables.keep[static_cast<std::size_t>(y * n + x)] = static_cast<float>(m);
      tables.noise[static_cast<std::size_t>(y * n + x)] = static_cast<float>(std::sqrt(1 - m * m));
    }
  }
  const std::int64_t half = n / 2 + 1;
  tables.shell.resize(static_cast<std::size_t>(n * half));
  for (std::int64_t y = 0; y < n; ++y) {
    const double ky = static_cast<double>(y < n / 2 ? y : y - n);
    for (std::int64_t x = 0; x < half; ++x) {
      const double kx = static_cast<double>(x);
      const auto shell = static_cast<std::int64_t>(std::lround(std::sqrt(kx * kx + ky * ky)));
      tables.shell[static_cast<std::size_t>(y * half + x)] =
          static_cast<std::int32_t>(shell < batch.shell_count ? shell : batch.shell_count - 1);
    }
  }
}

void make_gather(const PrepareImages& batch, Tables& tables) {
  const std::int64_t n = batch.box_px;
  tables.source.resize(static_cast<std::size_t>(batch.pixel_count));
  tables.sign.resize(static_cast<std::size_t>(batch.pixel_count));
  for (std::int64_t pixel = 0; pixel < batch.pixel_count; ++pixel) {
    const std::int64_t kx = batch.band_kx[pixel];
    const std::int64_t ky = batch.band_ky[pixel];
    if (kx < 0 || kx > n / 2) throw std::out_of_range("bandKx must lie from 0 to boxPx/2");
    tables.source[static_cast<std::size_t>(pixel)] = wrap(ky, n) * (n / 2 + 1) + kx;
    tables.sign[static_cast<std::size_t>(pixel)] = ((kx + ky) & 1) == 0 ? 1.0f : -1.0f;
  }
}

// out(x) = gain * in(x + recentre), row by row in two pieces.
void recentre(const float* in, float gain, std::int64_t shift_x, std::int64_t shift_y, std::int64_t n, float* out) noexcept {
  const std::int64_t first = wrap(shift_x, n);
  for (std::int64_t y = 0; y < n; ++y) {
    const float* source = in + wrap(y + shift_y, n) * n;
    float* target = out + y * n;
    for (std::int64_t x = 0; x < n - first; ++x) target[x] = gain * source[x + first];
    for (std::int64_t x = n - first; x < n; ++x) target[x] = gain * source[x + first - n];
  }
}

void white_noise(const std::uint32_t* key, std::int64_t count, float* out) noexcept {
  for (std::int64_t pair = 0; pair < count / 2; ++pair) {
    std::uint32_t words[4];
    double normals[2];
    philox4x32(words, key[0], key[1], static_cast<std::uint32_t>(pair), 0, 0, 0);
    normal_pair(normals, words[0], words[1]);
    out[2 * pair] = static_cast<float>(normals[0]);
    out[2 * pair + 1] = static_cast<float>(normals[1]);
  }
}

}  // namespace

void prepare_images(const PrepareImages& batch) {
  const std::int64_t n = batch.box_px;
  const std::int64_t half = n / 2 + 1;
  const bool is_masked = batch.mask_radius_px > 0;
  Tables tables;
  make_gather(batch, tables);
  if (is_masked) {
    make_mask(batch, tables);
    for (std::int64_t image = 0; image < batch.image_count; ++image) {
      if (batch.group[image] < 0 || batch.group[image] >= batch.group_count) {
        throw std::out_of_range("group must be a row of sigma2");
      }
    }
  }
  ThreadScratch<float> pixel_scratch(n * n);
  ThreadScratch<float> noise_scratch(n * n);
  ThreadScratch<float> gain_scratch(batch.shell_count);
  ThreadScratch<fftwf_complex> complex_scratch(n * half);
  const int side = static_cast<int>(n);
  const FftwPlan forward([&] {
    return fftwf_plan_dft_r2c_2d(side, side, pixel_scratch.mine(), complex_scratch.mine(), FFTW_ESTIMATE);
  });
  const FftwPlan inverse([&] {
    return fftwf_plan_dft_c2r_2d(side, side, complex_scratch.mine(), noise_scratch.mine(), FFTW_ESTIMATE);
  });
#pragma omp parallel for schedule(dynamic, 1)
  for (std::int64_t image = 0; image < batch.image_count; ++image) {
    float* pixels = pixel_scratch.mine();
    fftwf_complex* transform = complex_scratch.mine();
    if (is_masked) {
      float* noise = noise_scratch.mine();
      float* gain = gain_scratch.mine();
      const float* sigma2 = batch.sigma2 + batch.group[image] * batch.shell_count;
      const double area = static_cast<double>(n * n);
      // White noise of unit variance has N^2/2 per real component; the last 1/N^2 is that of the inverse transform.
      for (std::int64_t shell = 0; shell < batch.shell_count; ++shell) {
        gain[shell] = static_cast<float>(std::sqrt(static_cast<double>(sigma2[shell]) / (area / 2)) / area);
      }
      white_noise(batch.noise_key + 2 * image, n * n, pixels);
      forward.real_to_complex(pixels, transform);
      for (std::int64_t i = 0; i < n * half; ++i) {
        const float factor = gain[tables.shell[static_cast<std::size_t>(i)]];
        transform[i][0] *= factor;
        transform[i][1] *= factor;
      }
      transform[0][0] = 0;
      transform[0][1] = 0;
      inverse.complex_to_real(transform, noise);
      recentre(batch.pixels + image * n * n, batch.gain[image], batch.recentre_px[2 * image],
               batch.recentre_px[2 * image + 1], n, pixels);
      const float* keep = tables.keep.data();
      const float* fill = tables.noise.data();
      for (std::int64_t i = 0; i < n * n; ++i) pixels[i] = pixels[i] * keep[i] + noise[i] * fill[i];
    } else {
      recentre(batch.pixels + image * n * n, batch.gain[image], batch.recentre_px[2 * image],
               batch.recentre_px[2 * image + 1], n, pixels);
    }
    forward.real_to_complex(pixels, transform);
    float* real = batch.out + 2 * image * batch.pixel_count;
    float* imaginary = real + batch.pixel_count;
    for (std::int64_t pixel = 0; pixel < batch.pixel_count; ++pixel) {
      const auto place = static_cast<std::size_t>(pixel);
      real[pixel] = tables.sign[place] * transform[tables.source[place]][0];
      imaginary[pixel] = tables.sign[place] * transform[tables.source[place]][1];
    }
  }
}

}  // namespace vitreous
