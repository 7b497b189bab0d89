#include "addon/storage.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace vitreous {

namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t page = 4096;
// Below this a huge page would waste more than it saves.
constexpr std::size_t huge_page_threshold = std::size_t{8} << 20;

struct ElementRow {
  ElementType type;
  const char* name;
  std::size_t bytes;
};

constexpr ElementRow elements[] = {
    {ElementType::f32, "f32", 4}, {ElementType::f64, "f64", 8}, {ElementType::i32, "i32", 4},
    {ElementType::u32, "u32", 4}, {ElementType::i64, "i64", 8}, {ElementType::u8, "u8", 1},
    {ElementType::f16, "f16", 2},
};

}  // namespace

std::size_t element_bytes(ElementType type) noexcept { return elements[static_cast<int>(type)].bytes; }

const char* element_name(ElementType type) noexcept { return elements[static_cast<int>(type)].name; }

bool parse_element(const char* name, ElementType& type) noexcept {
  for (const ElementRow& row : elements) {
    if (std::strcmp(row.name, name) == 0) {
      type = row.type;
      return true;
    }
  }
  return false;
}

Storage::Storage(ElementType type, std::int64_t length, std::shared_ptr<MemoryCount> count, bool is_sparse)
    : type_(type), length_(length), count_(std::move(count)) {
  const std::size_t unit = element_bytes(type);
  const auto elements_wanted = static_cast<std::size_t>(length);
  if (elements_wanted > (std::numeric_limits<std::size_t>::max() / 4) / unit) throw std::bad_alloc();
  const std::size_t size = elements_wanted * unit;
  bytes_ = static_cast<std::int64_t>(size);
  allocation_ = std::calloc(size + alignment, 1);
  if (allocation_ == nullptr) throw std::bad_alloc();
  const auto address = reinterpret_cast<std::uintptr_t>(allocation_);
  data_ = reinterpret_cast<void*>((address + alignment - 1) / alignment * alignment);
  if (size >= huge_page_threshold && !is_sparse) {
    const std::uintptr_t first = (reinterpret_cast<std::uintptr_t>(data_) + page - 1) / page * page;
    const std::uintptr_t last = (reinterpret_cast<std::uintptr_t>(data_) + size) / page * page;
    madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
  }
  const std::int64_t now = count_->allocated_bytes.fetch_add(bytes_) + bytes_;
  std::int64_t peak = count_->peak_bytes.load();
  while (now > peak && !count_->peak_bytes.compare_exchange_weak(peak, now)) {
  }
}

void Storage::shrink(ElementType type, std::int64_t length) noexcept {
  const std::size_t size = static_cast<std::size_t>(length) * element_bytes(type);
  const auto offset = static_cast<std::size_t>(static_cast<char*>(data_) - static_cast<char*>(allocation_));
  type_ = type;
  length_ = length;
  // Where the system will not take the rest back, it is kept; the count says what was asked for.
  void* const moved = std::realloc(allocation_, size + alignment);
  if (moved != nullptr) {
    allocation_ = moved;
    const auto address = reinterpret_cast<std::uintptr_t>(moved);
    data_ = reinterpret_cast<void*>((address + alignment - 1) / alignment * alignment);
    std::memmove(data_, static_cast<char*>(moved) + offset, size);
  }
  count_->allocated_bytes.fetch_sub(bytes_ - static_cast<std::int64_t>(size));
  bytes_ = static_cast<std::int64_t>(size);
}

Storage::~Storage() {
  std::free(allocation_);
  count_->allocated_bytes.fetch_sub(bytes_);
}

}  // namespace vitreous
