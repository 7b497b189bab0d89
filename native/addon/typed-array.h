#pragma once

#include <napi.h>

#include <cstdint>

#include "addon/storage.h"

namespace vitreous {

// The JavaScript class that carries each element type; f16 travels in a Uint16Array, i64 in a BigInt64Array.
const char* array_class(ElementType type) noexcept;

// True where `value` is a typed array of that class.
bool is_array_of(const Napi::Value& value, ElementType type);

// Address of a typed array's first element; valid while the array is held and not detached.
void* array_data(const Napi::TypedArray& array);

Napi::TypedArray make_array(Napi::Env env, ElementType type, std::int64_t length);

// A typed array of `length` elements over the front of `bytes`.
Napi::TypedArray make_array_over(const Napi::ArrayBuffer& bytes, ElementType type, std::int64_t length);

}  // namespace vitreous
