#pragma once

#include "kernels/residuals.h"

//   size_residuals  sets the scratch sizes of one thread
//   sum_residuals   all of `out`; failed_row is the first row with a rotation that is none (else unchanged)
#define VITREOUS_DECLARE_RESIDUALS(isa)                                                                     \
  namespace isa {                                                                                           \
  void size_residuals(ResidualsPlan& plan) noexcept;                                                        \
  void sum_residuals(const Residuals& args, const ResidualsPlan& plan, std::int64_t& failed_row) noexcept;  \
  }

namespace vitreous {
VITREOUS_DECLARE_RESIDUALS(sse2)
VITREOUS_DECLARE_RESIDUALS(avx2)
VITREOUS_DECLARE_RESIDUALS(avx512)
}  // namespace vitreous

#undef VITREOUS_DECLARE_RESIDUALS
