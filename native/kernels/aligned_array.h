// Uninitialised scratch memory aligned to 64 bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

namespace vitreous {

template <typename T>
class AlignedArray {
 public:
  // Throws std::bad_alloc.
  explicit AlignedArray(std::int64_t length)
      : data_(static_cast<T*>(::operator new(static_cast<std::size_t>(length) * sizeof(T), std::align_val_t{64}))),
        length_(length) {}
  ~AlignedArray() { ::operator delete(data_, std::align_val_t{64}); }
  AlignedArray(const AlignedArray&) = delete;
  AlignedArray& operator=(const AlignedArray&) = delete;

  T* data() noexcept { return data_; }
  const T* data() const noexcept { return data_; }
  std::int64_t length() const noexcept { return length_; }
  T& operator[](std::int64_t i) noexcept { return data_[i]; }
  const T& operator[](std::int64_t i) const noexcept { return data_[i]; }

 private:
  T* data_;
  std::int64_t length_;
};

}  // namespace vitreous
