#pragma once

#include "kernels/project.h"

namespace vitreous {

namespace sse2 {
void project_pixels(const ProjectJob& job, const PanelRotations& rotations, std::int64_t first, std::int64_t last,
                    float* out);
}
namespace avx2 {
void project_pixels(const ProjectJob& job, const PanelRotations& rotations, std::int64_t first, std::int64_t last,
                    float* out);
}
namespace avx512 {
void project_pixels(const ProjectJob& job, const PanelRotations& rotations, std::int64_t first, std::int64_t last,
                    float* out);
}

}  // namespace vitreous
