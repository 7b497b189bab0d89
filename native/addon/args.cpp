#include "addon/args.h"

#include <cmath>

#include "addon/buffer.h"

namespace vitreous {

namespace {

std::string describe(const Napi::Value& value) {
  switch (value.Type()) {
    case napi_undefined: return "undefined";
    case napi_null: return "null";
    case napi_string: return "\"" + value.As<Napi::String>().Utf8Value() + "\"";
    case napi_function: return "a function";
    case napi_symbol: return "a symbol";
    case napi_object: break;
    default: return value.ToString().Utf8Value();
  }
  if (NativeBuffer* buffer = NativeBuffer::from(value)) {
    return buffer->storage() ? std::string("a buffer of ") + std::to_string(buffer->storage()->length()) + " " +
                                   element_name(buffer->storage()->type())
                             : "a buffer that was freed";
  }
  if (value.IsTypedArray()) return "a typed array of " + std::to_string(value.As<Napi::TypedArray>().ElementLength());
  if (value.IsArray()) return "an array of " + std::to_string(value.As<Napi::Array>().Length());
  return "an object";
}

std::string describe(Length length) {
  return (length.is_exact ? "" : "at least ") + std::to_string(length.value);
}

bool fits(std::int64_t actual, Length expected) {
  return expected.is_exact ? actual == expected.value : actual >= expected.value;
}

bool is_absent(const Napi::Value& value) { return value.IsUndefined() || value.IsNull(); }

template <typename T>
BufferRef<T> buffer(const Args& args, const char* name, ElementType type, Length length) {
  const Napi::Value value = args.object.Get(name);
  NativeBuffer* native = NativeBuffer::from(value);
  const std::string wanted = std::string("a buffer of ") + (length.value > 0 || length.is_exact ? describe(length) + " " : "") +
                             element_name(type);
  if (native == nullptr || !native->storage() || native->storage()->type() != type ||
      !fits(native->storage()->length(), length)) {
    args_fail(args, name, wanted, describe(value));
  }
  if (native->storage()->owner() != args.device.memory().get()) {
    args_fail(args, name, wanted + " of this device", "one of another device");
  }
  return {native->storage(), static_cast<T*>(native->storage()->data()), native->storage()->length()};
}

template <typename T>
BufferRef<T> buffer_optional(const Args& args, const char* name, ElementType type, Length length) {
  if (is_absent(args.object.Get(name))) return {};
  return buffer<T>(args, name, type, length);
}

}  // namespace

void args_fail(const Args& args, const char* name, const std::string& expected, const std::string& actual) {
  throw Napi::TypeError::New(args.object.Env(), args.op + ": " + name + " must be " + expected + ", got " + actual + ".");
}

#define VITREOUS_BUFFER_ARGS(suffix, T)                                                   \
  BufferRef<T> args_##suffix(const Args& args, const char* name, Length length) {         \
    return buffer<T>(args, name, ElementType::suffix, length);                            \
  }                                                                                       \
  BufferRef<T> args_##suffix##_optional(const Args& args, const char* name, Length length) { \
    return buffer_optional<T>(args, name, ElementType::suffix, length);                   \
  }
VITREOUS_BUFFER_ARGS(f32, float)
VITREOUS_BUFFER_ARGS(f64, double)
VITREOUS_BUFFER_ARGS(i32, std::int32_t)
VITREOUS_BUFFER_ARGS(u32, std::uint32_t)
VITREOUS_BUFFER_ARGS(i64, std::int64_t)
VITREOUS_BUFFER_ARGS(u8, std::uint8_t)
VITREOUS_BUFFER_ARGS(f16, std::uint16_t)

std::int64_t args_int(const Args& args, const char* name, std::int64_t minimum, std::int64_t maximum) {
  const Napi::Value value = args.object.Get(name);
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
  const double limit = static_cast<double>(max_safe_integer);
  if (!(std::abs(number) <= limit) || number != std::floor(number) || static_cast<std::int64_t>(number) < minimum ||
      static_cast<std::int64_t>(number) > maximum) {
    std::string wanted = "a whole number";
    if (minimum > -max_safe_integer) wanted += " from " + std::to_string(minimum);
    if (maximum < max_safe_integer) wanted += " up to " + std::to_string(maximum);
    args_fail(args, name, wanted, describe(value));
  }
  return static_cast<std::int64_t>(number);
}

std::int64_t args_int_or(const Args& args, const char* name, std::int64_t fallback, std::int64_t minimum,
                         std::int64_t maximum) {
  return is_absent(args.object.Get(name)) ? fallback : args_int(args, name, minimum, maximum);
}

double args_double(const Args& args, const char* name) {
  const Napi::Value value = args.object.Get(name);
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
  if (std::isnan(number)) args_fail(args, name, "a number", describe(value));
  return number;
}

double args_double_or(const Args& args, const char* name, double fallback) {
  return is_absent(args.object.Get(name)) ? fallback : args_double(args, name);
}

bool args_bool(const Args& args, const char* name) {
  const Napi::Value value = args.object.Get(name);
  if (!value.IsBoolean()) args_fail(args, name, "true or false", describe(value));
  return value.As<Napi::Boolean>().Value();
}

bool args_bool_or(const Args& args, const char* name, bool fallback) {
  return is_absent(args.object.Get(name)) ? fallback : args_bool(args, name);
}

std::string args_string(const Args& args, const char* name) {
  const Napi::Value value = args.object.Get(name);
  if (!value.IsString()) args_fail(args, name, "a string", describe(value));
  return value.As<Napi::String>().Utf8Value();
}

std::vector<double> args_numbers(const Args& args, const char* name, Length length) {
  const Napi::Value value = args.object.Get(name);
  const std::string wanted = "a list of " + describe(length) + " numbers";
  std::vector<double> numbers;
  if (value.IsArray()) {
    const auto list = value.As<Napi::Array>();
    for (std::uint32_t index = 0; index < list.Length(); ++index) {
      const Napi::Value element = list.Get(index);
      if (!element.IsNumber()) args_fail(args, name, wanted, "a list with " + describe(element));
      numbers.push_back(element.As<Napi::Number>().DoubleValue());
    }
  } else if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_float32_array) {
    const auto list = value.As<Napi::Float32Array>();
    numbers.assign(list.Data(), list.Data() + list.ElementLength());
  } else if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_float64_array) {
    const auto list = value.As<Napi::Float64Array>();
    numbers.assign(list.Data(), list.Data() + list.ElementLength());
  } else {
    args_fail(args, name, wanted, describe(value));
  }
  if (!fits(static_cast<std::int64_t>(numbers.size()), length)) args_fail(args, name, wanted, describe(value));
  return numbers;
}

}  // namespace vitreous
