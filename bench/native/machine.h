#pragma once

#include <ctime>

#include "simd/dispatch.h"

// What the machine can do at best, on one core; each takes about 30 ms a call.
namespace bench {

// Processor seconds of all threads of the process while `work` runs: on a busy machine the clock on the wall measures the
// other programs. Rates made of it are per core.
double seconds_of(auto&& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  work();
  return now() - start;
}

// Multiply-adds on registers, 2 flops each (sse2: separate multiply and add), GFLOP/s.
double fma_peak(vitreous::Isa isa);

// OpenBLAS sgemm on one thread, 384 × 512 × 1024, packing included, GFLOP/s; 0 where it was not found at build time.
double sgemm_rate();

// memcpy of 64 MiB, GB/s, read and write both counted.
double copy_bandwidth();

// Loads of 16 bytes at random places of an 8 MiB table (what projecting does), million loads per second.
double gather_rate();

}  // namespace bench
