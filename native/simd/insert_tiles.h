#pragma once

#include "kernels/tile_insert.h"

//   size_tile_scratch  sets the scratch of one thread from the capacities of the plan
//   insert_images  the clusters of every row of `args`; the first row whose sums cannot enter is written to failed_row (else unchanged)
//   insert_tiles   images whose pixels are tiles already; failed_image likewise
//   weigh_tiles    tile_insert.h
#define VITREOUS_DECLARE_INSERT_TILES(isa)                                                                          \
  namespace isa {                                                                                             \
  void size_tile_scratch(TilePlan& plan) noexcept;                                                                 \
  void insert_images(const Insert& args, const TilePlan& plan, std::int32_t* is_loose,                        \
                     std::int64_t& failed_row) noexcept;                                                      \
  void insert_tiles(const TileMessage& message, const TilePlan& plan, std::int64_t& failed_image) noexcept;   \
  void weigh_tiles(const Insert& args, const TilePlan& plan, float* planes, std::int32_t* rows,               \
                   std::int32_t* is_loose) noexcept;                                                          \
  }

namespace vitreous {
VITREOUS_DECLARE_INSERT_TILES(sse2)
VITREOUS_DECLARE_INSERT_TILES(avx2)
VITREOUS_DECLARE_INSERT_TILES(avx512)
}  // namespace vitreous

#undef VITREOUS_DECLARE_INSERT_TILES
