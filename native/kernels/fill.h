#pragma once

#include <cstdint>

namespace vitreous {

// Writes one value to all `length` elements; threads take fixed blocks.
template <typename T>
void fill(T* data, std::int64_t length, T value) noexcept;

extern template void fill<float>(float*, std::int64_t, float) noexcept;
extern template void fill<double>(double*, std::int64_t, double) noexcept;
extern template void fill<std::int32_t>(std::int32_t*, std::int64_t, std::int32_t) noexcept;
extern template void fill<std::uint32_t>(std::uint32_t*, std::int64_t, std::uint32_t) noexcept;
extern template void fill<std::int64_t>(std::int64_t*, std::int64_t, std::int64_t) noexcept;
extern template void fill<std::uint8_t>(std::uint8_t*, std::int64_t, std::uint8_t) noexcept;
extern template void fill<std::uint16_t>(std::uint16_t*, std::int64_t, std::uint16_t) noexcept;

}  // namespace vitreous
