#include "addon/buffer.h"

#include <new>
#include <string>
#include <utility>

#include "addon/instance.h"
#include "addon/typed-array.h"

namespace vitreous {

namespace {

// Marks our objects, so that a foreign object is told apart before it is unwrapped.
constexpr napi_type_tag buffer_tag = {0x7669747265 << 16, 0x6275666665720001};

}  // namespace

void NativeBuffer::define(Napi::Env env) {
  Napi::Function constructor = DefineClass(env, "NativeBuffer",
                                           {InstanceAccessor<&NativeBuffer::type>("type"),
                                            InstanceAccessor<&NativeBuffer::length>("length"),
                                            InstanceAccessor<&NativeBuffer::is_freed>("isFreed"),
                                            InstanceMethod<&NativeBuffer::view>("view"),
                                            InstanceMethod<&NativeBuffer::shrink>("shrink"),
                                            InstanceMethod<&NativeBuffer::free>("free")});
  instance_of(env).buffer_constructor = Napi::Persistent(constructor);
}

Napi::Object NativeBuffer::make(Napi::Env env, ElementType type, std::int64_t length,
                                std::shared_ptr<MemoryCount> count, bool is_sparse) {
  std::shared_ptr<Storage> storage;
  try {
    storage = std::make_shared<Storage>(type, length, std::move(count), is_sparse);
  } catch (const std::bad_alloc&) {
    throw Napi::RangeError::New(env, "allocate: the system refused " + std::to_string(length) + " " +
                                         element_name(type) + ". Use smaller batches or a lower --memory.");
  }
  Napi::Object object = instance_of(env).buffer_constructor.New({});
  object.TypeTag(&buffer_tag);
  NativeBuffer* buffer = Unwrap(object);
  buffer->type_ = type;
  buffer->length_ = length;
  buffer->storage_ = std::move(storage);
  return object;
}

NativeBuffer* NativeBuffer::from(const Napi::Value& value) {
  if (!value.IsObject()) return nullptr;
  const Napi::Object object = value.As<Napi::Object>();
  return object.CheckTypeTag(&buffer_tag) ? Unwrap(object) : nullptr;
}

NativeBuffer::NativeBuffer(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeBuffer>(info) {}

Napi::Value NativeBuffer::type(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), element_name(type_));
}

Napi::Value NativeBuffer::length(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(length_));
}

Napi::Value NativeBuffer::is_freed(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), !storage_); }

Napi::Value NativeBuffer::view(const Napi::CallbackInfo& info) {
  if (!storage_) throw Napi::TypeError::New(info.Env(), "view: the buffer was freed.");
  auto* held = new std::shared_ptr<Storage>(storage_);
  const Napi::ArrayBuffer bytes =
      Napi::ArrayBuffer::New(info.Env(), storage_->data(), static_cast<std::size_t>(storage_->bytes()),
                             [held](Napi::Env, void*) { delete held; });
  return make_array_over(bytes, type_, length_);
}

// shrink(type, length)
void NativeBuffer::shrink(const Napi::CallbackInfo& info) {
  ElementType type = type_;
  if (!info[0].IsString() || !parse_element(info[0].As<Napi::String>().Utf8Value().c_str(), type)) {
    throw Napi::TypeError::New(info.Env(), "shrink: type must be one of f32, f64, i32, u32, i64, u8, f16.");
  }
  const double length = info[1].IsNumber() ? info[1].As<Napi::Number>().DoubleValue() : -1.0;
  if (!storage_ || storage_.use_count() != 1) {
    throw Napi::TypeError::New(info.Env(), "shrink: the buffer was freed, or queued work still holds it. Await idle() first.");
  }
  if (!(length >= 0 && length * static_cast<double>(element_bytes(type)) <= static_cast<double>(storage_->bytes()))) {
    throw Napi::RangeError::New(info.Env(), "shrink: length must fit the memory of " + std::to_string(storage_->bytes()) +
                                                " bytes, got " + std::to_string(length) + " elements.");
  }
  type_ = type;
  length_ = static_cast<std::int64_t>(length);
  storage_->shrink(type_, length_);
}

void NativeBuffer::free(const Napi::CallbackInfo&) { storage_.reset(); }

}  // namespace vitreous
