#include "kernels/reference_volume.h"

#include <algorithm>
#include <cstring>

#include "kernels/padded_fft.h"

namespace vitreous {

void reference_volume(const float* map, std::int64_t n, std::int64_t size, std::int64_t radius, float* volume) {
  const std::int64_t edge = std::min(radius + 1, size / 2 - 1);  // the Nyquist planes have no partner and stay 0
  const std::int64_t columns = edge + 1;
  const std::int64_t rows = 2 * edge + 1;
  const std::int64_t box_x = radius + 2;
  const std::int64_t box_y = 2 * radius + 3;
  const std::int64_t plane = rows * columns;
  AlignedArray<fftwf_complex> slabs(n * plane);  // [n z][rows][columns]: transformed over x and y
  ThreadScratch<float> row_scratch(size);
  ThreadScratch<fftwf_complex> spectrum_scratch(size / 2 + 1);
  ThreadScratch<fftwf_complex> middle_scratch(n * columns);
  ThreadScratch<fftwf_complex> line_scratch(size * line_block);
  const FftwPlan row_plan = plan_row(size, FFTW_FORWARD);
  const FftwPlan line_plan = plan_lines(size, FFTW_FORWARD);
  const std::vector<double> correction = interpolation_correction(n, size);
  const std::int64_t blocks = block_count(columns);
  // The map's centre goes to index 0, the phase origin.
  const auto place = [n, size](std::int64_t x) { return x < n / 2 ? x - n / 2 + size : x - n / 2; };
  const auto wrap = [size](std::int64_t p) { return p < 0 ? p + size : p; };

#pragma omp parallel for schedule(static)
  for (std::int64_t z = 0; z < n; ++z) {
    float* row = row_scratch.mine();
    fftwf_complex* spectrum = spectrum_scratch.mine();
    fftwf_complex* middle = middle_scratch.mine();
    fftwf_complex* lines = line_scratch.mine();
    for (std::int64_t y = 0; y < n; ++y) {
      std::memset(row, 0, static_cast<std::size_t>(size) * sizeof(float));
      const float* source = map + (z * n + y) * n;
      const double factor = correction[static_cast<std::size_t>(z)] * correction[static_cast<std::size_t>(y)];
      for (std::int64_t x = 0; x < n; ++x) {
        row[place(x)] = static_cast<float>(source[x] * (factor * correction[static_cast<std::size_t>(x)]));
      }
      row_plan.real_to_complex(row, spectrum);
      std::memcpy(middle + y * columns, spectrum, static_cast<std::size_t>(columns) * sizeof(fftwf_complex));
    }
    for (std::int64_t block = 0; block < blocks; ++block) {
      const auto bytes = static_cast<std::size_t>(block_width(block, columns)) * sizeof(fftwf_complex);
      std::memset(lines, 0, static_cast<std::size_t>(size * line_block) * sizeof(fftwf_complex));
      for (std::int64_t y = 0; y < n; ++y) {
        std::memcpy(lines + place(y) * line_block, middle + y * columns + block * line_block, bytes);
      }
      line_plan.complex_to_complex(lines, lines);
      fftwf_complex* target = slabs.data() + z * plane + block * line_block;
      for (std::int64_t y = -edge; y <= edge; ++y) {
        std::memcpy(target + (y + edge) * columns, lines + wrap(y) * line_block, bytes);
      }
    }
  }

  auto* out = reinterpret_cast<fftwf_complex*>(volume);
  const auto box_row = [&](std::int64_t z, std::int64_t y) {
    return out + ((z + radius + 1) * box_y + (y + radius + 1)) * box_x;
  };
#pragma omp parallel for schedule(static)
  for (std::int64_t y = -radius - 1; y <= radius + 1; ++y) {
    for (std::int64_t z = -radius - 1; z <= radius + 1; ++z) {
      std::memset(box_row(z, y), 0, static_cast<std::size_t>(box_x) * sizeof(fftwf_complex));
    }
    if (y < -edge || y > edge) continue;
    fftwf_complex* lines = line_scratch.mine();
    for (std::int64_t block = 0; block < blocks; ++block) {
      const auto bytes = static_cast<std::size_t>(block_width(block, columns)) * sizeof(fftwf_complex);
      std::memset(lines, 0, static_cast<std::size_t>(size * line_block) * sizeof(fftwf_complex));
      const fftwf_complex* source = slabs.data() + (y + edge) * columns + block * line_block;
      for (std::int64_t z = 0; z < n; ++z) std::memcpy(lines + place(z) * line_block, source + z * plane, bytes);
      line_plan.complex_to_complex(lines, lines);
      for (std::int64_t z = -edge; z <= edge; ++z) {
        std::memcpy(box_row(z, y) + block * line_block, lines + wrap(z) * line_block, bytes);
      }
    }
  }
}

}  // namespace vitreous
