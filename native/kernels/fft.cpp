#include "kernels/fft.h"

#include <fftw3.h>
#include <omp.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "kernels/fftw_plan.h"

namespace vitreous {

namespace {

// Columns along z are gathered this many at a time: 128 bytes, two cache lines, from each plane.
constexpr std::int64_t block_columns = 16;

enum class PlanKind { image_forward, image_inverse, columns_forward, columns_inverse };

// A plan for one size, usable on any memory of that shape through FFTW's new-array functions.
fftwf_plan make_plan(PlanKind kind, std::int64_t size) {
  const int n = static_cast<int>(size);
  const auto plane = static_cast<std::size_t>(size * size);
  const auto half_plane = static_cast<std::size_t>(size * (size / 2 + 1));
  constexpr unsigned flags = FFTW_ESTIMATE | FFTW_UNALIGNED;
  // Wisdom from an earlier plan could change this one.
  fftwf_forget_wisdom();
  if (kind == PlanKind::image_forward || kind == PlanKind::image_inverse) {
    std::vector<float> real(plane);
    std::vector<float> complex(2 * half_plane);
    auto* transform = reinterpret_cast<fftwf_complex*>(complex.data());
    return kind == PlanKind::image_forward ? fftwf_plan_dft_r2c_2d(n, n, real.data(), transform, flags)
                                           : fftwf_plan_dft_c2r_2d(n, n, transform, real.data(), flags);
  }
  std::vector<float> columns(static_cast<std::size_t>(2 * size * block_columns));
  auto* line = reinterpret_cast<fftwf_complex*>(columns.data());
  constexpr int stride = static_cast<int>(block_columns);
  return fftwf_plan_many_dft(1, &n, stride, line, nullptr, stride, 1, line, nullptr, stride, 1,
                             kind == PlanKind::columns_forward ? FFTW_FORWARD : FFTW_BACKWARD, flags);
}

// FFTW's planner is not safe to enter twice, so making and looking up share one lock; executing needs none.
fftwf_plan plan_for(PlanKind kind, std::int64_t size) {
  static std::map<std::tuple<PlanKind, std::int64_t>, fftwf_plan> plans;
  const std::lock_guard lock(fftw_planner_mutex());
  fftwf_plan& plan = plans[{kind, size}];
  if (plan == nullptr) plan = make_plan(kind, size);
  if (plan == nullptr) throw std::runtime_error("FFTW could not plan a transform of this size");
  return plan;
}

fftwf_complex* as_complex(float* values) { return reinterpret_cast<fftwf_complex*>(values); }

// Memory of `floats` floats for each thread, cache lines apart.
class Scratch {
 public:
  explicit Scratch(std::int64_t floats) : stride_((floats + 15) / 16 * 16 + 16) {
    const auto total = static_cast<std::size_t>(stride_ * omp_get_max_threads());
    data_ = static_cast<float*>(fftwf_malloc(total * sizeof(float)));
    if (data_ == nullptr) throw std::bad_alloc();
  }
  ~Scratch() { fftwf_free(data_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  float* mine() const noexcept { return data_ + stride_ * omp_get_thread_num(); }

 private:
  std::int64_t stride_;
  float* data_ = nullptr;
};

void transform_columns(PlanKind kind, const float* source, float* target, std::int64_t plane_columns,
                       std::int64_t depth) {
  if (depth == 1) {
    if (source != target) std::memcpy(target, source, static_cast<std::size_t>(2 * plane_columns) * sizeof(float));
    return;
  }
  const fftwf_plan plan = plan_for(kind, depth);
  const Scratch scratch(2 * depth * block_columns);
  const std::int64_t block_count = (plane_columns + block_columns - 1) / block_columns;
#pragma omp parallel for schedule(static)
  for (std::int64_t block = 0; block < block_count; ++block) {
    float* columns = scratch.mine();
    const std::int64_t first = block * block_columns;
    const std::int64_t width = std::min(block_columns, plane_columns - first);
    const auto row_bytes = static_cast<std::size_t>(2 * width) * sizeof(float);
    // The last block may be narrower; zeros keep its idle columns from denormal or stale numbers.
    if (width < block_columns) std::fill_n(columns, 2 * depth * block_columns, 0.0f);
    for (std::int64_t z = 0; z < depth; ++z) {
      std::memcpy(columns + 2 * z * block_columns, source + 2 * (z * plane_columns + first), row_bytes);
    }
    fftwf_execute_dft(plan, as_complex(columns), as_complex(columns));
    for (std::int64_t z = 0; z < depth; ++z) {
      std::memcpy(target + 2 * (z * plane_columns + first), columns + 2 * z * block_columns, row_bytes);
    }
  }
}

// Planes to real space, times `scale`. FFTW's complex-to-real transform overwrites its input: that is `disposable`,
// which holds the same numbers as `complex`, or, where it is null, a copy of each plane.
void inverse_planes(const float* complex, float* disposable, float* real, std::int64_t size_px, std::int64_t count,
                    double scale) {
  const fftwf_plan plan = plan_for(PlanKind::image_inverse, size_px);
  const std::int64_t plane = size_px * size_px;
  const std::int64_t half_plane = 2 * size_px * (size_px / 2 + 1);
  const Scratch scratch(disposable == nullptr ? half_plane : 0);
  const auto factor = static_cast<float>(scale);
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < count; ++image) {
    float* transform = disposable == nullptr ? scratch.mine() : disposable + image * half_plane;
    if (disposable == nullptr) {
      std::memcpy(transform, complex + image * half_plane, static_cast<std::size_t>(half_plane) * sizeof(float));
    }
    float* pixels = real + image * plane;
    fftwf_execute_dft_c2r(plan, as_complex(transform), pixels);
    for (std::int64_t pixel = 0; pixel < plane; ++pixel) pixels[pixel] *= factor;
  }
}

}  // namespace

void fft_forward2(const float* real, float* complex, std::int64_t size_px, std::int64_t count) {
  const fftwf_plan plan = plan_for(PlanKind::image_forward, size_px);
  const std::int64_t plane = size_px * size_px;
  const std::int64_t half_plane = 2 * size_px * (size_px / 2 + 1);
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < count; ++image) {
    // An out-of-place real-to-complex plan keeps its input; the signature alone is not const.
    fftwf_execute_dft_r2c(plan, const_cast<float*>(real + image * plane), as_complex(complex + image * half_plane));
  }
}

void fft_inverse2(const float* complex, float* real, std::int64_t size_px, std::int64_t count) {
  inverse_planes(complex, nullptr, real, size_px, count, 1.0 / static_cast<double>(size_px * size_px));
}

void fft_forward3(const float* real, float* complex, std::int64_t size_px, std::int64_t depth) {
  fft_forward2(real, complex, size_px, depth);
  transform_columns(PlanKind::columns_forward, complex, complex, size_px * (size_px / 2 + 1), depth);
}

void fft_inverse3(const float* complex, float* work, float* real, std::int64_t size_px, std::int64_t depth) {
  transform_columns(PlanKind::columns_inverse, complex, work, size_px * (size_px / 2 + 1), depth);
  inverse_planes(work, work, real, size_px, depth, 1.0 / static_cast<double>(size_px * size_px * depth));
}

void fft_inverse_planes(float* complex, float* real, std::int64_t size_px, std::int64_t count, double scale) {
  inverse_planes(complex, complex, real, size_px, count, scale);
}

void fft_lines(float* complex, std::int64_t depth, std::int64_t lines, bool is_forward) {
  transform_columns(is_forward ? PlanKind::columns_forward : PlanKind::columns_inverse, complex, complex, lines, depth);
}

}  // namespace vitreous
