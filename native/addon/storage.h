#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace vitreous {

// Names seen by JavaScript: f32 f64 i32 u32 i64 u8 f16 (f16 travels as 16-bit patterns).
enum class ElementType { f32, f64, i32, u32, i64, u8, f16 };

std::size_t element_bytes(ElementType type) noexcept;
const char* element_name(ElementType type) noexcept;
bool parse_element(const char* name, ElementType& type) noexcept;

// Bytes held by one device now and at most so far; outlives the device, because a queued op may hold memory longer.
struct MemoryCount {
  std::atomic<std::int64_t> allocated_bytes{0};
  std::atomic<std::int64_t> peak_bytes{0};
};

// Zeroed memory, aligned to 64 bytes and counted. Pages are zeroed by the system when first touched.
class Storage {
 public:
  // Throws std::bad_alloc where the memory cannot be had.
  // `is_sparse`: much of it may never be written, so it is not taken in huge pages.
  Storage(ElementType type, std::int64_t length, std::shared_ptr<MemoryCount> count, bool is_sparse = false);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  // Keeps the first `length` elements' worth of memory under another type and gives the rest back. At most bytes().
  void shrink(ElementType type, std::int64_t length) noexcept;

  void* data() const noexcept { return data_; }
  ElementType type() const noexcept { return type_; }
  std::int64_t length() const noexcept { return length_; }
  std::int64_t bytes() const noexcept { return bytes_; }
  const MemoryCount* owner() const noexcept { return count_.get(); }

 private:
  ElementType type_;
  std::int64_t length_;
  std::int64_t bytes_;
  void* allocation_ = nullptr;
  void* data_ = nullptr;
  std::shared_ptr<MemoryCount> count_;
};

}  // namespace vitreous
