#pragma once

// Reading the argument object of `handle.run("op", {...})`: one line per argument. Every function throws a JavaScript
// TypeError that names the op and the argument, what was expected and what came.

#include <napi.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "addon/executor.h"
#include "addon/storage.h"

namespace vitreous {

struct Args {
  Napi::Object object;
  std::string op;
  const Device& device;
};

// A buffer of the calling device. Copy it into the work closure: it keeps the memory alive until the op has run.
template <typename T>
struct BufferRef {
  std::shared_ptr<Storage> storage;
  T* data = nullptr;
  std::int64_t length = 0;

  explicit operator bool() const noexcept { return data != nullptr; }
  std::span<T> span() const noexcept { return {data, static_cast<std::size_t>(length)}; }
};

// Expected number of elements: a plain number means exactly that many.
struct Length {
  std::int64_t value = 0;
  bool is_exact = false;

  Length() = default;
  Length(std::int64_t exact) : value(exact), is_exact(true) {}
  Length(std::int64_t value_, bool is_exact_) : value(value_), is_exact(is_exact_) {}
};
inline Length at_least(std::int64_t length) { return {length, false}; }

// Required buffers.
BufferRef<float> args_f32(const Args& args, const char* name, Length length = {});
BufferRef<double> args_f64(const Args& args, const char* name, Length length = {});
BufferRef<std::int32_t> args_i32(const Args& args, const char* name, Length length = {});
BufferRef<std::uint32_t> args_u32(const Args& args, const char* name, Length length = {});
BufferRef<std::int64_t> args_i64(const Args& args, const char* name, Length length = {});
BufferRef<std::uint8_t> args_u8(const Args& args, const char* name, Length length = {});
BufferRef<std::uint16_t> args_f16(const Args& args, const char* name, Length length = {});

// Optional buffers: an empty reference where the argument is absent, undefined or null.
BufferRef<float> args_f32_optional(const Args& args, const char* name, Length length = {});
BufferRef<double> args_f64_optional(const Args& args, const char* name, Length length = {});
BufferRef<std::int32_t> args_i32_optional(const Args& args, const char* name, Length length = {});
BufferRef<std::uint32_t> args_u32_optional(const Args& args, const char* name, Length length = {});
BufferRef<std::int64_t> args_i64_optional(const Args& args, const char* name, Length length = {});
BufferRef<std::uint8_t> args_u8_optional(const Args& args, const char* name, Length length = {});
BufferRef<std::uint16_t> args_f16_optional(const Args& args, const char* name, Length length = {});

// Whole numbers in [minimum, maximum]; the defaults allow any that a JavaScript number holds exactly.
constexpr std::int64_t max_safe_integer = (std::int64_t{1} << 53) - 1;
std::int64_t args_int(const Args& args, const char* name, std::int64_t minimum = -max_safe_integer,
                      std::int64_t maximum = max_safe_integer);
std::int64_t args_int_or(const Args& args, const char* name, std::int64_t fallback,
                         std::int64_t minimum = -max_safe_integer, std::int64_t maximum = max_safe_integer);

// Any number but NaN (infinities pass: a cut-off may be infinite).
double args_double(const Args& args, const char* name);
double args_double_or(const Args& args, const char* name, double fallback);

bool args_bool(const Args& args, const char* name);
bool args_bool_or(const Args& args, const char* name, bool fallback);

std::string args_string(const Args& args, const char* name);

// A short list, copied at once: a plain array, a Float32Array or a Float64Array (say, the matrices of a point group).
std::vector<double> args_numbers(const Args& args, const char* name, Length length = {});

// Throws the error that the functions above throw, for a condition that spans several arguments:
// "op: name must be <expected>, got <actual>."
[[noreturn]] void args_fail(const Args& args, const char* name, const std::string& expected, const std::string& actual);

}  // namespace vitreous
