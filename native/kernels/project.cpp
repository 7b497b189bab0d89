#include "kernels/project.h"

#include <algorithm>
#include <cmath>

#include "simd/dispatch.h"
#include "simd/project.h"

namespace vitreous {

namespace {

constexpr int panel_width = 16;

PanelRotations panel_rotations(const ProjectJob& job, std::int64_t panel) {
  PanelRotations out{};
  for (int lane = 0; lane < panel_width; ++lane) {
    const std::int64_t index = panel * panel_width + lane;
    if (index >= job.rotation_count) continue;
    const float* q = job.rotations + 4 * index;
    const double w = q[0];
    const double x = q[1];
    const double y = q[2];
    const double z = q[3];
    const double square = w * w + x * x + y * y + z * z;
    if (!(square > 0.0) || !std::isfinite(square)) {
      out.factor[lane] = NAN;
      continue;
    }
    const double s = 2.0 / square;
    const double column_x[3] = {1.0 - s * (y * y + z * z), s * (x * y + w * z), s * (x * z - w * y)};
    const double column_y[3] = {s * (x * y - w * z), 1.0 - s * (x * x + z * z), s * (y * z + w * x)};
    for (int axis = 0; axis < 3; ++axis) {
      out.column_x[axis][lane] = static_cast<float>(job.padding_factor * column_x[axis]);
      out.column_y[axis][lane] = static_cast<float>(job.padding_factor * column_y[axis]);
    }
    out.factor[lane] = 1.0f;
  }
  return out;
}

ProjectPixels kernel_in_force() {
  switch (active_isa()) {
    case Isa::avx512: return avx512::project_pixels;
    case Isa::avx2: return avx2::project_pixels;
    case Isa::sse2: break;
  }
  return sse2::project_pixels;
}

// The 16 slices of a panel as planes, by way of a tile in the panel layout.
void project_planes(const ProjectJob& job, ProjectPixels kernel, const PanelRotations& rotations, std::int64_t panel) {
  constexpr std::int64_t tile_pixels = 64;
  alignas(64) float tile[tile_pixels * 3 * panel_width];
  const std::int64_t pixels = job.pixel_count - job.first_pixel;
  const std::int64_t first_rotation = panel * panel_width;
  const std::int64_t lanes = std::min<std::int64_t>(panel_width, job.rotation_count - first_rotation);
  for (std::int64_t first = 0; first < pixels; first += tile_pixels) {
    const std::int64_t count = std::min(tile_pixels, pixels - first);
    kernel(job, rotations, job.first_pixel + first, job.first_pixel + first + count, tile);
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      float* plane = job.out + (first_rotation + lane) * 2 * pixels + first;
      for (std::int64_t pixel = 0; pixel < count; ++pixel) {
        plane[pixel] = tile[pixel * 3 * panel_width + lane];
        plane[pixels + pixel] = tile[(pixel * 3 + 1) * panel_width + lane];
      }
    }
  }
}

}  // namespace

void project(const ProjectJob& job) noexcept {
  const ProjectPixels kernel = kernel_in_force();
  const std::int64_t pixels = job.pixel_count - job.first_pixel;
  const std::int64_t panels = (job.rotation_count + panel_width - 1) / panel_width;
#pragma omp parallel for schedule(static)
  for (std::int64_t panel = 0; panel < panels; ++panel) {
    const PanelRotations rotations = panel_rotations(job, panel);
    if (job.is_panels) {
      kernel(job, rotations, job.first_pixel, job.pixel_count, job.out + panel * pixels * 3 * panel_width);
    } else {
      project_planes(job, kernel, rotations, panel);
    }
  }
}

}  // namespace vitreous
