#include "kernels/reconstruct.h"

#include <cstring>
#include <memory>

#include "kernels/density_compensation.h"
#include "kernels/padded_fft.h"
#include "kernels/sampling_density.h"

namespace vitreous {

namespace {

// Smallest D, as a share of its shell's mean, of the direct weight and of the gridding loop.
constexpr double direct_floor = 1e-3;
constexpr double loop_floor = 1e-10;

// 1/D, or what the gridding loop found, over the mean of D.
class Weights {
 public:
  Weights(const SamplingDensity& density, const AlignedArray<float>* compensation)
      : density_(density),
        compensation_(compensation),
        scale_(density.mean() > 0 ? static_cast<float>(1 / density.mean()) : 0.0f) {}

  float at(std::int64_t x, std::int64_t y, std::int64_t z) const noexcept {
    const float d = density_.at(x, y, z);
    if (!(d > 0)) return 0.0f;
    if (compensation_ == nullptr) return scale_ / d;
    const std::int64_t edge = density_.edge();
    return (*compensation_)[((z + edge) * (2 * edge + 1) + y + edge) * (edge + 1) + x] * scale_;
  }

 private:
  const SamplingDensity& density_;
  const AlignedArray<float>* compensation_;
  float scale_;
};

// Inverse transform of F W, only the voxels of the map: z, then y and x plane by plane.
void inverse_transform(const Reconstruct& input, const SamplingDensity& density, const Weights& weights) {
  const std::int64_t n = input.box_px;
  const std::int64_t size = input.size;
  const std::int64_t edge = density.edge();
  const std::int64_t columns = edge + 1;
  const std::int64_t rows = 2 * edge + 1;
  const std::int64_t half = size / 2 + 1;
  const std::int64_t plane = rows * columns;
  const auto* forward = reinterpret_cast<const fftwf_complex*>(input.forward);
  AlignedArray<fftwf_complex> slabs(n * plane);  // [n z][rows][columns]: in real space along z
  ThreadScratch<fftwf_complex> line_scratch(size * line_block);
  ThreadScratch<fftwf_complex> middle_scratch(n * columns);
  ThreadScratch<fftwf_complex> spectrum_scratch(half);
  ThreadScratch<float> row_scratch(size);
  const FftwPlan line_plan = plan_lines(size, FFTW_BACKWARD);
  const FftwPlan row_plan = plan_row(size, FFTW_BACKWARD);
  const std::vector<double> correction = interpolation_correction(n, size);
  const std::int64_t blocks = block_count(columns);
  const auto place = [n, size](std::int64_t x) { return x < n / 2 ? x - n / 2 + size : x - n / 2; };
  const auto wrap = [size](std::int64_t p) { return p < 0 ? p + size : p; };

#pragma omp parallel for schedule(dynamic, 1)
  for (std::int64_t y = -edge; y <= edge; ++y) {
    fftwf_complex* lines = line_scratch.mine();
    for (std::int64_t block = 0; block < blocks; ++block) {
      const std::int64_t first = block * line_block;
      const std::int64_t width = block_width(block, columns);
      std::memset(lines, 0, static_cast<std::size_t>(size * line_block) * sizeof(fftwf_complex));
      for (std::int64_t z = -edge; z <= edge; ++z) {
        fftwf_complex* target = lines + wrap(z) * line_block;
        for (std::int64_t c = 0; c < width; ++c) {
          const float w = weights.at(first + c, y, z);
          if (w == 0.0f) continue;
          const fftwf_complex& f = forward[density.index(first + c, y, z)];
          target[c][0] = f[0] * w;
          target[c][1] = f[1] * w;
        }
      }
      line_plan.complex_to_complex(lines, lines);
      for (std::int64_t z = 0; z < n; ++z) {
        std::memcpy(slabs.data() + z * plane + (y + edge) * columns + first, lines + place(z) * line_block,
                    static_cast<std::size_t>(width) * sizeof(fftwf_complex));
      }
    }
  }

  const double voxels = static_cast<double>(size) * static_cast<double>(size) * static_cast<double>(size);
#pragma omp parallel for schedule(static)
  for (std::int64_t z = 0; z < n; ++z) {
    fftwf_complex* lines = line_scratch.mine();
    fftwf_complex* middle = middle_scratch.mine();
    fftwf_complex* spectrum = spectrum_scratch.mine();
    float* row = row_scratch.mine();
    for (std::int64_t block = 0; block < blocks; ++block) {
      const auto bytes = static_cast<std::size_t>(block_width(block, columns)) * sizeof(fftwf_complex);
      std::memset(lines, 0, static_cast<std::size_t>(size * line_block) * sizeof(fftwf_complex));
      const fftwf_complex* source = slabs.data() + z * plane + block * line_block;
      for (std::int64_t y = -edge; y <= edge; ++y) {
        std::memcpy(lines + wrap(y) * line_block, source + (y + edge) * columns, bytes);
      }
      line_plan.complex_to_complex(lines, lines);
      for (std::int64_t y = 0; y < n; ++y) {
        std::memcpy(middle + y * columns + block * line_block, lines + place(y) * line_block, bytes);
      }
    }
    for (std::int64_t y = 0; y < n; ++y) {
      std::memcpy(spectrum, middle + y * columns, static_cast<std::size_t>(columns) * sizeof(fftwf_complex));
      std::memset(spectrum + columns, 0, static_cast<std::size_t>(half - columns) * sizeof(fftwf_complex));
      row_plan.complex_to_real(spectrum, row);
      const double factor = correction[static_cast<std::size_t>(z)] * correction[static_cast<std::size_t>(y)] / voxels;
      float* target = input.map + (z * n + y) * n;
      for (std::int64_t x = 0; x < n; ++x) {
        target[x] = static_cast<float>(row[place(x)] * (factor * correction[static_cast<std::size_t>(x)]));
      }
    }
  }
}

}  // namespace

void reconstruct(const Reconstruct& input) {
  const double floor_share = input.gridding_iterations > 0 ? loop_floor : direct_floor;
  const SamplingDensity density(input.weight, input.radius, input.size, input.padding, input.max_shell, input.prior,
                                floor_share);
  std::unique_ptr<AlignedArray<float>> compensation;
  CompensationReport report{0, 0};
  if (input.gridding_iterations > 0) {
    const std::int64_t rows = 2 * density.edge() + 1;
    compensation = std::make_unique<AlignedArray<float>>(rows * rows * (density.edge() + 1));
    report = compensate_density(density, input.size, 1.9 * input.padding, input.gridding_iterations, *compensation);
  }
  inverse_transform(input, density, Weights(density, compensation.get()));
  if (input.report != nullptr) {
    input.report[0] = static_cast<double>(report.iterations);
    input.report[1] = report.error;
  }
}

}  // namespace vitreous
