#pragma once

// Which instruction set the kernels in simd/ run with. Chosen once per executor thread, before its OpenMP team exists.
namespace vitreous {

enum class Isa { sse2, avx2, avx512 };

// The best set that both the processor and the operating system support.
Isa detected_isa() noexcept;

// The set in force on this thread: detected_isa(), or a lower one from set_isa() or the environment variable
// VITREOUS_ISA (sse2, avx2, avx512). Kernels ask once, before their parallel region.
Isa active_isa() noexcept;

// Puts `isa`, but never more than detected_isa(), in force on the calling thread.
void set_isa(Isa isa) noexcept;

const char* isa_name(Isa isa) noexcept;

// Reads a name as written by isa_name(); false leaves `isa` untouched.
bool parse_isa(const char* name, Isa& isa) noexcept;

}  // namespace vitreous

// Calls <isa>::function(arguments...) for the set in force; used in a kernel's public entry point.
#define VITREOUS_DISPATCH(function, ...)                                  \
  do {                                                                    \
    switch (::vitreous::active_isa()) {                                   \
      case ::vitreous::Isa::avx512: avx512::function(__VA_ARGS__); break; \
      case ::vitreous::Isa::avx2: avx2::function(__VA_ARGS__); break;     \
      case ::vitreous::Isa::sse2: sse2::function(__VA_ARGS__); break;     \
    }                                                                     \
  } while (false)
