#pragma once

#include <cstdint>

#include "kernels/ctf.h"

// out[i] = -sin(2 pi turns(kx[i], ky[i])): one image's CTF. Equal bytes on every instruction set.
namespace vitreous {

namespace sse2 {
void ctf_row(const CtfPhase& phase, const std::int32_t* kx, const std::int32_t* ky, std::int64_t count, float* out) noexcept;
}
namespace avx2 {
void ctf_row(const CtfPhase& phase, const std::int32_t* kx, const std::int32_t* ky, std::int64_t count, float* out) noexcept;
}
namespace avx512 {
void ctf_row(const CtfPhase& phase, const std::int32_t* kx, const std::int32_t* ky, std::int64_t count, float* out) noexcept;
}

}  // namespace vitreous
