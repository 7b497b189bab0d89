#pragma once

// Discrete Fourier transforms, real <-> half-complex, in single precision.
//   forward: sum x exp(-2 pi i k x / n), not normalised; inverse: exp(+...), divided by the number of real elements
//   real     [depth][n][n], x fastest
//   complex  [depth][n][n/2+1] interleaved re, im
// Any n >= 1; powers of small primes are fast. Plans are single-threaded, FFTW_ESTIMATE | FFTW_UNALIGNED and made
// without wisdom, so the arithmetic is a function of the size alone: same bytes for any number of threads. Threads take
// planes, then columns along z. Plans are kept for the process, under one lock.
// Scratch of some hundred kilobytes per thread is allocated: std::bad_alloc may be thrown, before any work is done.

#include <cstdint>

namespace vitreous {

// One volume. `real` is only read.
void fft_forward3(const float* real, float* complex, std::int64_t size_px, std::int64_t depth);

// One volume. `complex` is only read; `work` takes the transform along z and may be the same memory, which then is lost.
void fft_inverse3(const float* complex, float* work, float* real, std::int64_t size_px, std::int64_t depth);

// `count` separate images [n][n].
void fft_forward2(const float* real, float* complex, std::int64_t size_px, std::int64_t count);

// `count` separate images [n][n]; `complex` is only read.
void fft_inverse2(const float* complex, float* real, std::int64_t size_px, std::int64_t count);

// The two halves of a 3D transform, for a rank that holds some planes or some lines of it.

// Planes [count][n][n/2+1] to real space, times `scale`; `complex` is lost.
void fft_inverse_planes(float* complex, float* real, std::int64_t size_px, std::int64_t count, double scale);

// Complex transforms along the slowest axis of [depth][lines], in place, unnormalised.
void fft_lines(float* complex, std::int64_t depth, std::int64_t lines, bool is_forward);

}  // namespace vitreous
