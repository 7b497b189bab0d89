// Memory that is written only where it must be, and given back as soon as it is dead.
#pragma once

#include <sys/mman.h>

#include <cstdint>
#include <cstring>

namespace vitreous {

// Huge pages are given back whole.
constexpr std::uintptr_t page_block = std::uintptr_t{2} << 20;

// Gives the whole page blocks within [begin, end) of private memory back to the system: their contents are lost.
inline void give_back_pages(char* begin, char* end) noexcept {
  const std::uintptr_t first = (reinterpret_cast<std::uintptr_t>(begin) + page_block - 1) / page_block * page_block;
  const std::uintptr_t last = reinterpret_cast<std::uintptr_t>(end) / page_block * page_block;
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

// Takes the pages of [begin, end) for writing, all at once; their contents stay. Where the system cannot, they come one by one.
inline void claim_pages(char* begin, char* end) noexcept {
#if defined(MADV_POPULATE_WRITE)
  constexpr std::uintptr_t page = 4096;
  const std::uintptr_t first = reinterpret_cast<std::uintptr_t>(begin) / page * page;
  madvise(reinterpret_cast<void*>(first), reinterpret_cast<std::uintptr_t>(end) - first, MADV_POPULATE_WRITE);
#else
  static_cast<void>(begin);
  static_cast<void>(end);
#endif
}

inline bool is_zero(const float* values, std::int64_t count) noexcept {
  std::uint32_t something = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    std::uint32_t bits;
    std::memcpy(&bits, values + i, sizeof bits);
    something |= bits;
  }
  return something == 0;
}

// Copies floats, but leaves memory alone that would get the zeros it already holds: pages never written are never taken.
inline void copy_unless_zero(const float* source, std::int64_t count, float* target) noexcept {
  if (is_zero(source, count) && is_zero(target, count)) return;
  std::memcpy(target, source, static_cast<std::size_t>(count) * sizeof(float));
}

}  // namespace vitreous
