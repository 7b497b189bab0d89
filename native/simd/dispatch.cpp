#include "simd/dispatch.h"

#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace vitreous {

namespace {

// x86-64-v4 and x86-64-v3, the levels that the object files of avx512 and avx2 are compiled for.
Isa probe() noexcept {
  __builtin_cpu_init();
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                  __builtin_cpu_supports("bmi2");
  const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  return v4 ? Isa::avx512 : v3 ? Isa::avx2 : Isa::sse2;
}

Isa lower_of(Isa a, Isa b) noexcept { return static_cast<int>(a) < static_cast<int>(b) ? a : b; }

Isa default_isa() noexcept {
  static const Isa isa = [] {
    Isa wanted = detected_isa();
    if (const char* name = std::getenv("VITREOUS_ISA")) parse_isa(name, wanted);
    return lower_of(wanted, detected_isa());
  }();
  return isa;
}

thread_local bool is_isa_set = false;
thread_local Isa thread_isa = Isa::sse2;

}  // namespace

Isa detected_isa() noexcept {
  static const Isa isa = probe();
  return isa;
}

Isa active_isa() noexcept { return is_isa_set ? thread_isa : default_isa(); }

void set_isa(Isa isa) noexcept {
  thread_isa = lower_of(isa, detected_isa());
  is_isa_set = true;
}

const char* isa_name(Isa isa) noexcept {
  switch (isa) {
    case Isa::avx512: return "avx512";
    case Isa::avx2: return "avx2";
    case Isa::sse2: break;
  }
  return "sse2";
}

bool parse_isa(const char* name, Isa& isa) noexcept {
  for (const Isa candidate : {Isa::sse2, Isa::avx2, Isa::avx512}) {
    if (std::strcmp(name, isa_name(candidate)) == 0) {
      isa = candidate;
      return true;
    }
  }
  return false;
}

}  // namespace vitreous
