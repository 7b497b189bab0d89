// Machine peaks, `project` and `compare`, measured in turn several times; medians, one JSON object on standard output.
//   kernel-bench [repeats] [threads]

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "kernels/compare.h"
#include "kernels/project.h"
#include "machine.h"
#include "simd/dispatch.h"

namespace {

using bench::seconds_of;
using vitreous::CompareJob;
using vitreous::ProjectJob;

struct Shape {
  std::int64_t pixels;
  std::int64_t images;
  std::int64_t slices;
  std::int64_t shifts;
  bool profile_scale = false;
};

struct Band {
  std::int64_t box_px = 0;
  std::vector<std::int32_t> kx, ky, shell;
};

// Pixels by shell until there are `pixels` of them, as src/geometry/band.ts orders them.
Band make_band(std::int64_t pixels) {
  Band band;
  for (int shell = 0; static_cast<std::int64_t>(band.kx.size()) < pixels; ++shell) {
    for (int ky = -shell; ky <= shell; ++ky) {
      for (int kx = ky < 0 ? 1 : 0; kx <= shell; ++kx) {
        if (std::lround(std::hypot(kx, ky)) != shell) continue;
        if (static_cast<std::int64_t>(band.kx.size()) == pixels) continue;
        band.kx.push_back(kx);
        band.ky.push_back(ky);
        band.shell.push_back(shell);
      }
    }
  }
  band.box_px = 2 * band.shell.back() + 4;
  return band;
}

std::vector<float> normals(std::size_t count, std::uint32_t seed, float sd = 1.0f) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0f, sd);
  std::vector<float> out(count);
  for (float& value : out) value = normal(random);
  return out;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// One shape's buffers and jobs.
struct Case {
  Shape shape;
  Band band;
  std::int64_t radius_px;
  std::vector<float> volume, rotations, slices, images, ctf, inverse_sigma2, scale, shifts, log_prior;
  std::vector<std::int32_t> group;
  std::vector<double> evidence;
  std::vector<float> top_score, profile;
  std::vector<std::int32_t> top_slice, top_shift;
  std::vector<double> compare_share, compare_rate, project_rate, peaks;

  explicit Case(const Shape& s) : shape(s), band(make_band(s.pixels)) {
    const std::size_t images_ = static_cast<std::size_t>(s.images);
    const std::size_t pixels = static_cast<std::size_t>(s.pixels);
    const std::size_t panels = static_cast<std::size_t>((s.slices + 15) / 16);
    const std::size_t shells = static_cast<std::size_t>(band.shell.back() + 1);
    radius_px = 2 * band.shell.back() + 1;
    volume = normals(static_cast<std::size_t>((radius_px + 2) * (2 * radius_px + 3) * (2 * radius_px + 3) * 2), 1, 0.2f);
    rotations = normals(static_cast<std::size_t>(s.slices) * 4, 2);
    slices.resize(panels * pixels * 48);
    images = normals(images_ * 2 * pixels, 3);
    ctf = normals(images_ * pixels, 4, 0.5f);
    inverse_sigma2.assign(shells, 1.0f);
    scale.assign(images_, 1.0f);
    shifts = normals(static_cast<std::size_t>(s.shifts) * 2, 5, 3.0f);
    log_prior.assign(images_ * static_cast<std::size_t>(s.shifts), -1.0f);
    group.assign(images_, 0);
    evidence.assign(images_ * 2, 0.0);
    top_score.assign(images_ * keep, -INFINITY);
    top_slice.assign(images_ * keep, -1);
    top_shift.assign(images_ * keep, 0);
    profile.assign(images_ * 4, 0.0f);
  }

  void reset() {
    for (std::size_t i = 0; i < evidence.size(); i += 2) {
      evidence[i] = -INFINITY;
      evidence[i + 1] = 0;
    }
    std::fill(top_score.begin(), top_score.end(), -INFINITY);
    std::fill(top_slice.begin(), top_slice.end(), -1);
  }

  ProjectJob project_job() {
    return {band.kx.data(), band.ky.data(), band.shell.data(), volume.data(), radius_px,
            2.0,            band.shell.back(), rotations.data(), shape.slices, 0,
            shape.pixels,   true,           slices.data()};
  }

  CompareJob compare_job() {
    return {band.box_px,
            band.kx.data(),
            band.ky.data(),
            band.shell.data(),
            shape.pixels,
            shape.images,
            images.data(),
            ctf.data(),
            inverse_sigma2.data(),
            static_cast<std::int64_t>(inverse_sigma2.size()),
            group.data(),
            scale.data(),
            slices.data(),
            shape.slices,
            0,
            0,
            shape.pixels,
            shifts.data(),
            shape.shifts,
            log_prior.data(),
            shape.profile_scale,
            keep,
            evidence.data(),
            top_score.data(),
            top_slice.data(),
            top_shift.data(),
            shape.profile_scale ? profile.data() : nullptr};
  }

  double compare_flops() const {
    const double pairs = static_cast<double>(shape.images) * static_cast<double>(shape.slices) * static_cast<double>(shape.pixels);
    return pairs * (2.0 + 4.0 * static_cast<double>(shape.shifts));
  }

  static constexpr std::int64_t keep = 32;
};

}  // namespace

int main(int argc, char** argv) {
  const int repeats = argc > 1 ? std::atoi(argv[1]) : 7;
  const int threads = argc > 2 ? std::atoi(argv[2]) : 1;
  omp_set_num_threads(threads);
  const vitreous::Isa isa = vitreous::active_isa();

  std::vector<Case> cases;
  // Slice blocks as the global scan uses them; few images, because rates do not depend on their number.
  for (const Shape& shape : {Shape{100, 96, 1024, 30}, Shape{300, 24, 1024, 60}, Shape{1000, 12, 1024, 60},
                             Shape{1000, 60, 1024, 9}, Shape{2000, 6, 1024, 60}, Shape{1000, 12, 1024, 61, true}}) {
    cases.emplace_back(shape);
  }

  std::vector<double> peak, sgemm, copy, gather;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    sgemm.push_back(bench::sgemm_rate());
    copy.push_back(bench::copy_bandwidth());
    gather.push_back(bench::gather_rate());
    for (Case& c : cases) {
      const ProjectJob project = c.project_job();
      const double project_s = seconds_of([&] { vitreous::project(project); });
      c.project_rate.push_back(static_cast<double>(c.shape.slices * c.shape.pixels) / project_s * 1e-6);
      const CompareJob compare = c.compare_job();
      c.reset();
      const double before = bench::fma_peak(isa);
      const double compare_s = seconds_of([&] { vitreous::compare(compare); });
      const double after = bench::fma_peak(isa);
      const double rate = c.compare_flops() / compare_s * 1e-9;
      c.compare_rate.push_back(rate);
      c.compare_share.push_back(rate / (0.5 * (before + after)));
      peak.push_back(before);
      peak.push_back(after);
    }
  }

  std::printf("{\"isa\": \"%s\", \"threads\": %d, \"repeats\": %d,\n", vitreous::isa_name(isa), threads, repeats);
  std::printf(" \"fmaPeakGflops\": %.2f, \"sgemmGflops\": %.2f, \"copyGBps\": %.2f, \"gatherMloads\": %.1f,\n", median(peak),
              median(sgemm), median(copy), median(gather));
  std::printf(" \"kernels\": [\n");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    std::printf("  {\"pixels\": %lld, \"images\": %lld, \"slices\": %lld, \"shifts\": %lld, \"profileScale\": %s, "
                "\"compareGflops\": %.2f, \"compareShareOfPeak\": %.3f, \"projectMpixels\": %.1f}%s\n",
                static_cast<long long>(c.shape.pixels), static_cast<long long>(c.shape.images),
                static_cast<long long>(c.shape.slices), static_cast<long long>(c.shape.shifts),
                c.shape.profile_scale ? "true" : "false", median(c.compare_rate), median(c.compare_share),
                median(c.project_rate), i + 1 < cases.size() ? "," : "");
  }
  std::printf(" ]}\n");
  return 0;
}
