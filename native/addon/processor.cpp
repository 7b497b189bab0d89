#include "addon/processor.h"

#include <cpuid.h>

#include <cstring>

namespace vitreous {

namespace {

// Bits 17 and 18 of XCR0: the operating system saves the tile configuration and the tiles.
bool are_tiles_saved() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d) || (c & (1u << 27)) == 0) return false;
  unsigned low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & 0x60000u) == 0x60000u;
}

bool leaf7_edx(unsigned bit) {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & (1u << bit)) != 0;
}

}  // namespace

std::string processor_name() {
  unsigned words[12] = {};
  unsigned highest = __get_cpuid_max(0x80000000u, nullptr);
  if (highest < 0x80000004u) return "unknown";
  for (unsigned leaf = 0; leaf < 3; ++leaf) {
    unsigned* word = words + 4 * leaf;
    __get_cpuid(0x80000002u + leaf, word, word + 1, word + 2, word + 3);
  }
  char text[49] = {};
  std::memcpy(text, words, 48);
  std::string name(text);
  const auto first = name.find_first_not_of(' ');
  return first == std::string::npos ? "unknown" : name.substr(first, name.find_last_not_of(' ') - first + 1);
}

std::vector<ProcessorFeature> processor_features() {
  __builtin_cpu_init();
  const bool tiles = are_tiles_saved();
  return {
      {"avx2", __builtin_cpu_supports("avx2") != 0},
      {"fma", __builtin_cpu_supports("fma") != 0},
      {"avx512f", __builtin_cpu_supports("avx512f") != 0},
      {"avx512bw", __builtin_cpu_supports("avx512bw") != 0},
      {"avx512vnni", __builtin_cpu_supports("avx512vnni") != 0},
      {"avx512bf16", __builtin_cpu_supports("avx512bf16") != 0},
      {"amxTile", tiles && leaf7_edx(24)},
      {"amxBf16", tiles && leaf7_edx(22)},
      {"amxInt8", tiles && leaf7_edx(25)},
  };
}

}  // namespace vitreous
