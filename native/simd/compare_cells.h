#pragma once

#include "kernels/compare_cells.h"

namespace vitreous {

#define VITREOUS_DECLARE_COMPARE_CELLS(isa)                                                             \
  namespace isa {                                                                                       \
  void compare_cells_of_image(const CompareCellsJob& job, const CompareCellsTables& tables,             \
                              const CompareCellsScratch& scratch, std::int64_t image);                  \
  }
VITREOUS_DECLARE_COMPARE_CELLS(sse2)
VITREOUS_DECLARE_COMPARE_CELLS(avx2)
VITREOUS_DECLARE_COMPARE_CELLS(avx512)
#undef VITREOUS_DECLARE_COMPARE_CELLS

}  // namespace vitreous
