#include "kernels/fill.h"

namespace vitreous {

template <typename T>
void fill(T* data, std::int64_t length, T value) noexcept {
#pragma omp parallel for schedule(static) if (length > 65536)
  for (std::int64_t index = 0; index < length; ++index) data[index] = value;
}

template void fill<float>(float*, std::int64_t, float) noexcept;
template void fill<double>(double*, std::int64_t, double) noexcept;
template void fill<std::int32_t>(std::int32_t*, std::int64_t, std::int32_t) noexcept;
template void fill<std::uint32_t>(std::uint32_t*, std::int64_t, std::uint32_t) noexcept;
template void fill<std::int64_t>(std::int64_t*, std::int64_t, std::int64_t) noexcept;
template void fill<std::uint8_t>(std::uint8_t*, std::int64_t, std::uint8_t) noexcept;
template void fill<std::uint16_t>(std::uint16_t*, std::int64_t, std::uint16_t) noexcept;

}  // namespace vitreous
