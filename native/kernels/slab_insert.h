// Insertion in two steps, so that slices and the accumulator's rows may be on different ranks. Shapes as in
// src/device/ops/slab-insert.ts; together the two do what insert() does.
#pragma once

#include <cstdint>

#include "kernels/insert.h"

namespace vitreous {

// Slices of points[0 .. count): pixels sorted by the row y of their lower foot.
//   points       indices into [active_count][rotations_per_image]
//   pixels       [count][capacity]
//   plane_start  [count][2R+4]: first pixel of each row y, and the end
//   matrices     [count][6]: padding × the first two columns of the rotation, rows x, z, y
// Throws std::runtime_error where an index is out of range, a slice has more than `capacity` pixels, or a contribution is not
// finite or 2^51 or more.
void extract_slices(const Insert& args, const std::int32_t* points, std::int64_t count, std::int64_t capacity,
                    SlicePixel* pixels, std::int32_t* plane_start, double* matrices);

// Adds pixels of slices to the rows y = [first_row, first_row + row_count) of an accumulator, [row_count][2R+3][R+2][3].
//   pixels     those of all slices, and 3 more that are read but not used
//   row_start  [count][row_count + 2]: of the rows first_row - 1 ... first_row + row_count - 1, in `pixels`
void add_slices_to_rows(const SlicePixel* pixels, const std::int32_t* row_start, const double* matrices,
                        std::int64_t count, std::int64_t radius, std::int64_t first_row, std::int64_t row_count,
                        std::int64_t* accumulator);

}  // namespace vitreous
