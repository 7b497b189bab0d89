#pragma once

#include "kernels/insert.h"

// The two steps of insert.
//   size_scratch    sets the scratch sizes of one thread
//   extract_slices  points[0 .. count), indices into [active_count][rotations_per_image], to slices [0, count): merges
//                   shifts, weighs, sorts by slab. A slice with a value that cannot enter is left undefined and its row,
//                   if it is the first such, written to failed_row (else unchanged)
//   add_slices      adds slices [0, count) to the whole accumulator, slab by slab
//   add_planes      adds slices [0, count), sorted by plane, to the planes held
#define VITREOUS_DECLARE_INSERT(isa)                                                                               \
  namespace isa {                                                                                                  \
  void size_scratch(InsertPlan& plan) noexcept;                                                                    \
  void extract_slices(const Insert& args, const InsertPlan& plan, const std::int64_t* points, std::int64_t count,  \
                      std::int64_t& failed_row) noexcept;                                                          \
  void add_slices(const Insert& args, const InsertPlan& plan, std::int64_t count) noexcept;                        \
  void add_planes(const Insert& args, const InsertPlan& plan, std::int64_t count) noexcept;                        \
  }

namespace vitreous {
VITREOUS_DECLARE_INSERT(sse2)
VITREOUS_DECLARE_INSERT(avx2)
VITREOUS_DECLARE_INSERT(avx512)
}  // namespace vitreous

#undef VITREOUS_DECLARE_INSERT
