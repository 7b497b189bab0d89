#pragma once

#include "addon/args.h"
#include "kernels/insert.h"

namespace vitreous {

// The arguments that insert and extractSlices share: everything but where the pixels go. Copy it into the work closure.
struct InsertArgs {
  Insert op{};
  BufferRef<std::int32_t> kx, ky, shell, group, active;
  BufferRef<float> images, ctf, inverse_sigma2, scale, image_weight, rotations, shifts_px, weights;

  explicit InsertArgs(const Args& args);
};

}  // namespace vitreous
