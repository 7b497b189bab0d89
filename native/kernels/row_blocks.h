// The rows of some planes as they came from each rank: block s is [planes][starts[s + 1] - starts[s] rows][columns], the blocks
// one after the other. One block is a plain [planes][rows][columns].
#pragma once

#include <cstdint>
#include <vector>

namespace vitreous {

class RowBlocks {
 public:
  // starts [blocks + 1], from 0 to the number of rows. Throws std::bad_alloc.
  RowBlocks(const std::vector<std::int64_t>& starts, std::int64_t plane_count, std::int64_t columns) {
    for (std::size_t s = 0; s + 1 < starts.size(); ++s) {
      for (std::int64_t row = starts[s]; row < starts[s + 1]; ++row) {
        base_.push_back(columns * (plane_count * starts[s] + row - starts[s]));
        step_.push_back(columns * (starts[s + 1] - starts[s]));
      }
    }
  }
  std::int64_t offset(std::int64_t plane, std::int64_t row) const noexcept {
    const auto r = static_cast<std::size_t>(row);
    return base_[r] + plane * step_[r];
  }

 private:
  std::vector<std::int64_t> base_;
  std::vector<std::int64_t> step_;
};

}  // namespace vitreous
