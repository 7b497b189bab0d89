#pragma once

#include <cstdint>

// What this machine can do at best: the yardsticks of `npm run bench`. Each function runs on the whole OpenMP team and
// returns the work that was done, so that the caller divides by the time it measured.
namespace vitreous {

// Multiply-adds on registers, the inner step of a matrix product whose operands are at hand: 12 independent chains per
// thread (more than latency × units needs), in the instruction set in force. Returns flops, 2 per multiply-add.
double machine_multiply_add(std::int64_t rounds) noexcept;

// Copies `length` floats `rounds` times, threads taking fixed blocks. Returns bytes read and written.
double machine_copy(const float* from, float* to, std::int64_t length, std::int64_t rounds) noexcept;

// Loads of 16 bytes (two neighbouring complex numbers: what projecting reads) at random places of a table whose length
// is a power of two and at least 8. Returns the number of loads.
double machine_gather(const float* table, std::int64_t length, std::int64_t loads_per_thread) noexcept;

}  // namespace vitreous
