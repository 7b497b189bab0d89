#pragma once

#include <napi.h>

#include <memory>

#include "addon/storage.h"

namespace vitreous {

// What JavaScript holds of a piece of device memory: type, length, free(). Data crosses at write() and read() only.
class NativeBuffer : public Napi::ObjectWrap<NativeBuffer> {
 public:
  static void define(Napi::Env env);
  // Throws a JavaScript RangeError where the memory cannot be had.
  static Napi::Object make(Napi::Env env, ElementType type, std::int64_t length, std::shared_ptr<MemoryCount> count, bool is_sparse);
  // The buffer behind a JavaScript value, or nullptr if it is something else.
  static NativeBuffer* from(const Napi::Value& value);

  explicit NativeBuffer(const Napi::CallbackInfo& info);

  // Empty once freed.
  const std::shared_ptr<Storage>& storage() const noexcept { return storage_; }

 private:
  Napi::Value type(const Napi::CallbackInfo& info);
  Napi::Value length(const Napi::CallbackInfo& info);
  Napi::Value is_freed(const Napi::CallbackInfo& info);
  // The memory itself as a typed array; it stays for as long as the array is held.
  Napi::Value view(const Napi::CallbackInfo& info);
  void shrink(const Napi::CallbackInfo& info);
  void free(const Napi::CallbackInfo& info);

  ElementType type_ = ElementType::f32;
  std::int64_t length_ = 0;
  std::shared_ptr<Storage> storage_;
};

}  // namespace vitreous
