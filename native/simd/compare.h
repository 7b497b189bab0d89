#pragma once

#include "kernels/compare.h"

namespace vitreous {

namespace sse2 {
CompareKernel compare_kernel() noexcept;
}
namespace avx2 {
CompareKernel compare_kernel() noexcept;
}
namespace avx512 {
CompareKernel compare_kernel() noexcept;
}

}  // namespace vitreous
