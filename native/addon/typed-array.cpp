#include "addon/typed-array.h"

#include "addon/storage.h"

namespace vitreous {

namespace {

napi_typedarray_type array_type(ElementType type) noexcept {
  switch (type) {
    case ElementType::f32: return napi_float32_array;
    case ElementType::f64: return napi_float64_array;
    case ElementType::i32: return napi_int32_array;
    case ElementType::u32: return napi_uint32_array;
    case ElementType::i64: return napi_bigint64_array;
    case ElementType::u8: return napi_uint8_array;
    case ElementType::f16: break;
  }
  return napi_uint16_array;
}

}  // namespace

const char* array_class(ElementType type) noexcept {
  switch (type) {
    case ElementType::f32: return "Float32Array";
    case ElementType::f64: return "Float64Array";
    case ElementType::i32: return "Int32Array";
    case ElementType::u32: return "Uint32Array";
    case ElementType::i64: return "BigInt64Array";
    case ElementType::u8: return "Uint8Array";
    case ElementType::f16: break;
  }
  return "Uint16Array";
}

bool is_array_of(const Napi::Value& value, ElementType type) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == array_type(type);
}

void* array_data(const Napi::TypedArray& array) {
  return static_cast<std::uint8_t*>(array.ArrayBuffer().Data()) + array.ByteOffset();
}

Napi::TypedArray make_array(Napi::Env env, ElementType type, std::int64_t length) {
  return make_array_over(Napi::ArrayBuffer::New(env, static_cast<std::size_t>(length) * element_bytes(type)), type, length);
}

Napi::TypedArray make_array_over(const Napi::ArrayBuffer& bytes, ElementType type, std::int64_t length) {
  napi_value array = nullptr;
  const napi_status status =
      napi_create_typedarray(bytes.Env(), array_type(type), static_cast<std::size_t>(length), bytes, 0, &array);
  if (status != napi_ok) throw Napi::Error::New(bytes.Env());
  return Napi::TypedArray(bytes.Env(), array);
}

}  // namespace vitreous
