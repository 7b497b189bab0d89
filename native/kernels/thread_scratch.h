// Scratch memory of equal size for each thread of the team, a cache line or more apart.
#pragma once

#include <omp.h>

#include "kernels/aligned_array.h"

namespace vitreous {

template <typename T>
class ThreadScratch {
 public:
  // `length` elements for each thread. Throws std::bad_alloc.
  explicit ThreadScratch(std::int64_t length)
      : stride_((length + 63) / 64 * 64 + 64), data_(stride_ * omp_get_max_threads()) {}

  // Of the calling thread; inside the parallel region.
  T* mine() noexcept { return data_.data() + stride_ * omp_get_thread_num(); }

 private:
  std::int64_t stride_;
  AlignedArray<T> data_;
};

}  // namespace vitreous
