#pragma once

// The best slices of one image, as compare and compare_cells keep them.

#include <cstdint>

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

// The kept slices of one image: a binary heap whose first entry is the worst (lowest score; of equals the later slice).
struct Kept {
  float* score;
  std::int32_t* slice;
  std::int32_t* shift;
  std::int64_t count;

  bool is_worse(std::int64_t a, std::int64_t b) const {
    return score[a] < score[b] || (score[a] == score[b] && slice[a] > slice[b]);
  }
  void settle(std::int64_t place) const {
    for (;;) {
      std::int64_t child = 2 * place + 1;
      if (child >= count) return;
      if (child + 1 < count && is_worse(child + 1, child)) ++child;
      if (!is_worse(child, place)) return;
      const float old_score = score[place];
      const std::int32_t old_slice = slice[place];
      const std::int32_t old_shift = shift[place];
      score[place] = score[child];
      slice[place] = slice[child];
      shift[place] = shift[child];
      score[child] = old_score;
      slice[child] = old_slice;
      shift[child] = old_shift;
      place = child;
    }
  }
  // No change where the arrays are a heap already, as they are after an earlier call.
  void order() const {
    for (std::int64_t place = count / 2 - 1; place >= 0; --place) settle(place);
  }
  void offer(float new_score, std::int32_t new_slice, std::int32_t new_shift) const {
    if (!(new_score > score[0] || (new_score == score[0] && new_slice < slice[0]))) return;
    score[0] = new_score;
    slice[0] = new_slice;
    shift[0] = new_shift;
    settle(0);
  }
};

}  // namespace

}  // namespace vitreous::VITREOUS_SIMD_NS
