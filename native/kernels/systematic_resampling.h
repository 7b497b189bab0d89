#pragma once

#include <cstdint>

namespace vitreous {

// Pick i is the first item whose running weight exceeds (i + offset) / pick_count of the total: twin of
// src/device/ops/cloud/systematic-resampling.ts. Items of weight 0 are never picked.
template <typename T>
inline void systematic_picks(std::int32_t* picks, std::int64_t pick_count, const T* weights, std::int64_t item_count,
                             double offset) noexcept {
  double total = 0;
  std::int64_t last = 0;
  for (std::int64_t item = 0; item < item_count; ++item) {
    total += static_cast<double>(weights[item]);
    if (weights[item] > 0) last = item;
  }
  std::int64_t item = 0;
  double running = static_cast<double>(weights[0]);
  for (std::int64_t pick = 0; pick < pick_count; ++pick) {
    const double target = (static_cast<double>(pick) + offset) / static_cast<double>(pick_count) * total;
    while (item < last && running <= target) running += static_cast<double>(weights[++item]);
    picks[pick] = static_cast<std::int32_t>(item);
  }
}

}  // namespace vitreous
