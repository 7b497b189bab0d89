#pragma once

#include <cstdint>

namespace vitreous {

// Shapes as in src/device/ops/slab-finish.ts.

// The plane x = 0 of some rows of an accumulator: out [row_count][2R+3 z][3].
void hermitian_column(const std::int64_t* accumulator, std::int64_t radius, std::int64_t row_count,
                      std::int64_t* out) noexcept;

// Takes the pages of some rows of an accumulator that lie within R + 2 of the origin, as insertion will write them.
void claim_slab(std::int64_t* accumulator, std::int64_t radius, std::int64_t first_row, std::int64_t row_count) noexcept;

// Rows of an accumulator to floats, with the Hermitian plane completed from `column`, the plane x = 0 of all rows. F takes the
// front of the accumulator's own memory: [row_count][2R+3][R+2][2] floats. Throws std::bad_alloc before any work is done.
void finish_slab(std::int64_t* accumulator, std::int64_t radius, std::int64_t first_row, std::int64_t row_count,
                 const std::int64_t* column, double forward_scale, double weight_scale, float* weight);

// target += source, both [count]; wraps like the accumulator itself.
void add_fixed(const std::int64_t* source, std::int64_t* target, std::int64_t count) noexcept;

// target += source, both [count].
void add_sums(const float* source, float* target, std::int64_t count) noexcept;

}  // namespace vitreous
