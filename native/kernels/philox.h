// Counter-based random numbers: a pure function of key and counter.
//
// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
// Twin of src/core/random.ts: the same 32-bit words and the same double-precision formulas.
// Words and uniforms are equal bit for bit; normal pairs to the last place of log, cos and sin.
#pragma once

#include <math.h>
#include <stdint.h>

namespace vitreous {

// Four random words of a counter.
//   out  [4], overwritten
static inline void philox4x32(uint32_t out[4], uint32_t key0, uint32_t key1, uint32_t counter0,
                              uint32_t counter1, uint32_t counter2, uint32_t counter3) noexcept {
    for (int round = 0; round < 10; ++round) {
        const uint64_t product0 = static_cast<uint64_t>(0xD2511F53u) * counter0;
        const uint64_t product1 = static_cast<uint64_t>(0xCD9E8D57u) * counter2;
        const uint32_t high0 = static_cast<uint32_t>(product0 >> 32);
        const uint32_t high1 = static_cast<uint32_t>(product1 >> 32);
        counter0 = high1 ^ counter1 ^ key0;
        counter1 = static_cast<uint32_t>(product1);
        counter2 = high0 ^ counter3 ^ key1;
        counter3 = static_cast<uint32_t>(product0);
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    out[0] = counter0;
    out[1] = counter1;
    out[2] = counter2;
    out[3] = counter3;
}

// The open interval (0, 1): never 0, so its logarithm is finite; exact in double precision.
static inline double uniform01(uint32_t word) noexcept {
    return (static_cast<double>(word) + 0.5) * 2.3283064365386963e-10;
}

// Two independent standard normal numbers from two words (Box and Muller, 1958).
//   out  [2], overwritten
static inline void normal_pair(double out[2], uint32_t word0, uint32_t word1) noexcept {
    const double radius = sqrt(-2.0 * log(uniform01(word0)));
    const double angle_rad = 2.0 * 3.141592653589793 * uniform01(word1);
    out[0] = radius * cos(angle_rad);
    out[1] = radius * sin(angle_rad);
}

}  // namespace vitreous
