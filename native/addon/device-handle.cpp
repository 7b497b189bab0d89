#include "addon/device-handle.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "addon/args.h"
#include "addon/buffer.h"
#include "addon/instance.h"
#include "addon/registry.h"
#include "addon/typed-array.h"
#include "kernels/fill.h"

namespace vitreous {

namespace {

constexpr int maximum_threads = 1024;

// Positional arguments of the calls below, with the same messages as named ones.
std::shared_ptr<Storage> buffer_at(const Napi::CallbackInfo& info, std::size_t index, const Device& device,
                                   const char* call, const char* name) {
  NativeBuffer* buffer = NativeBuffer::from(info[index]);
  const std::string where = std::string(call) + ": " + name + " must be a buffer of this device, got ";
  if (buffer == nullptr) throw Napi::TypeError::New(info.Env(), where + "something else.");
  if (!buffer->storage()) throw Napi::TypeError::New(info.Env(), where + "one that was freed.");
  if (buffer->storage()->owner() != device.memory().get()) {
    throw Napi::TypeError::New(info.Env(), where + "one of another device.");
  }
  return buffer->storage();
}

std::int64_t count_at(const Napi::CallbackInfo& info, std::size_t index, const char* call, const char* name,
                      std::int64_t maximum) {
  const double number = info[index].IsNumber() ? info[index].As<Napi::Number>().DoubleValue() : -1.0;
  if (!(number >= 0) || number > static_cast<double>(maximum) ||
      number != static_cast<double>(static_cast<std::int64_t>(number))) {
    throw Napi::RangeError::New(info.Env(), std::string(call) + ": " + name + " must be a whole number from 0 to " +
                                                std::to_string(maximum) + ", got " +
                                                info[index].ToString().Utf8Value() + ".");
  }
  return static_cast<std::int64_t>(number);
}

std::uint8_t* address(const Storage& storage, std::int64_t offset) {
  return static_cast<std::uint8_t*>(storage.data()) +
         static_cast<std::size_t>(offset) * element_bytes(storage.type());
}

void fill_storage(const Storage& storage, double value) {
  const std::int64_t length = storage.length();
  switch (storage.type()) {
    case ElementType::f32: return fill(static_cast<float*>(storage.data()), length, static_cast<float>(value));
    case ElementType::f64: return fill(static_cast<double*>(storage.data()), length, value);
    case ElementType::i32:
      return fill(static_cast<std::int32_t*>(storage.data()), length, static_cast<std::int32_t>(value));
    case ElementType::u32:
      return fill(static_cast<std::uint32_t*>(storage.data()), length, static_cast<std::uint32_t>(value));
    case ElementType::i64:
      return fill(static_cast<std::int64_t*>(storage.data()), length, static_cast<std::int64_t>(value));
    case ElementType::u8:
      return fill(static_cast<std::uint8_t*>(storage.data()), length, static_cast<std::uint8_t>(value));
    case ElementType::f16:
      return fill(static_cast<std::uint16_t*>(storage.data()), length, static_cast<std::uint16_t>(value));
  }
}

}  // namespace

void DeviceHandle::define(Napi::Env env) {
  Napi::Function constructor =
      DefineClass(env, "NativeDevice",
                  {InstanceAccessor<&DeviceHandle::threads>("threads"), InstanceAccessor<&DeviceHandle::isa>("isa"),
                   InstanceAccessor<&DeviceHandle::allocated_bytes>("allocatedBytes"),
                   InstanceAccessor<&DeviceHandle::peak_bytes>("peakBytes"),
                   InstanceMethod<&DeviceHandle::allocate>("allocate"), InstanceMethod<&DeviceHandle::write>("write"),
                   InstanceMethod<&DeviceHandle::read>("read"), InstanceMethod<&DeviceHandle::idle>("idle"),
                   InstanceMethod<&DeviceHandle::fill>("fill"), InstanceMethod<&DeviceHandle::copy>("copy"),
                   InstanceMethod<&DeviceHandle::run>("run"), InstanceMethod<&DeviceHandle::timings>("timings"),
                   InstanceMethod<&DeviceHandle::reset_timings>("resetTimings"),
                   InstanceMethod<&DeviceHandle::destroy>("destroy")});
  instance_of(env).device_constructor = Napi::Persistent(constructor);
}

Napi::Value DeviceHandle::create(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object options = info[0].IsObject() ? info[0].As<Napi::Object>() : Napi::Object::New(env);
  int threads = static_cast<int>(std::thread::hardware_concurrency());
  const Napi::Value wanted_threads = options.Get("threads");
  if (!wanted_threads.IsUndefined()) {
    const double number = wanted_threads.IsNumber() ? wanted_threads.As<Napi::Number>().DoubleValue() : 0.0;
    if (!(number >= 1 && number <= maximum_threads) || number != static_cast<int>(number)) {
      throw Napi::RangeError::New(env, "createDevice: threads must be a whole number from 1 to " +
                                           std::to_string(maximum_threads) + ", got " +
                                           wanted_threads.ToString().Utf8Value() + ".");
    }
    threads = static_cast<int>(number);
  }
  Isa isa = active_isa();
  const Napi::Value wanted_isa = options.Get("isa");
  if (!wanted_isa.IsUndefined()) {
    const std::string name = wanted_isa.ToString().Utf8Value();
    if (!parse_isa(name.c_str(), isa) || isa > detected_isa()) {
      throw Napi::RangeError::New(env, "createDevice: isa must be sse2, avx2 or avx512 and at most " +
                                           std::string(isa_name(detected_isa())) + " on this processor, got " + name +
                                           ".");
    }
  }
  Napi::Object object = instance_of(env).device_constructor.New({});
  DeviceHandle* handle = Unwrap(object);
  handle->completions_ = std::make_unique<Completions>(env);
  handle->device_ = std::make_unique<Device>(threads < 1 ? 1 : threads, isa);
  // Hooks run last to first: this one ends the thread before the channel's own hook takes the channel down.
  napi_add_env_cleanup_hook(env, stop_with_environment, handle);
  handle->is_hooked_ = true;
  return object;
}

DeviceHandle::DeviceHandle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<DeviceHandle>(info) {}

DeviceHandle::~DeviceHandle() { stop(); }

void DeviceHandle::stop() {
  if (!device_) return;
  device_->stop();
  completions_->close();
  if (is_hooked_) napi_remove_env_cleanup_hook(Env(), stop_with_environment, this);
  is_hooked_ = false;
}

void DeviceHandle::stop_with_environment(void* handle) {
  auto* self = static_cast<DeviceHandle*>(handle);
  self->is_hooked_ = false;  // a hook is gone once it runs
  self->device_->stop();
}

Device& DeviceHandle::open_device(Napi::Env env, const char* call) {
  if (!device_ || device_->is_stopped()) {
    throw Napi::Error::New(env, std::string(call) + ": the device was destroyed. Open another one.");
  }
  return *device_;
}

Napi::Value DeviceHandle::threads(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), device_ ? device_->threads() : 0);
}

Napi::Value DeviceHandle::isa(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), isa_name(device_ ? device_->isa() : detected_isa()));
}

Napi::Value DeviceHandle::allocated_bytes(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), device_ ? static_cast<double>(device_->memory()->allocated_bytes.load()) : 0.0);
}

Napi::Value DeviceHandle::peak_bytes(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), device_ ? static_cast<double>(device_->memory()->peak_bytes.load()) : 0.0);
}

Napi::Value DeviceHandle::allocate(const Napi::CallbackInfo& info) {
  Device& device = open_device(info.Env(), "allocate");
  ElementType type = ElementType::f32;
  const std::string name = info[0].ToString().Utf8Value();
  if (!info[0].IsString() || !parse_element(name.c_str(), type)) {
    throw Napi::TypeError::New(info.Env(), "allocate: type must be f32, f64, i32, u32, i64, u8 or f16, got " + name + ".");
  }
  const std::int64_t length = count_at(info, 1, "allocate", "length", max_safe_integer);
  const bool is_sparse = info[2].IsBoolean() && info[2].As<Napi::Boolean>().Value();
  return NativeBuffer::make(info.Env(), type, length, device.memory(), is_sparse);
}

void DeviceHandle::write(const Napi::CallbackInfo& info) {
  Device& device = open_device(info.Env(), "write");
  const std::shared_ptr<Storage> target = buffer_at(info, 0, device, "write", "buffer");
  if (!is_array_of(info[1], target->type())) {
    throw Napi::TypeError::New(info.Env(), std::string("write: data must be a ") + array_class(target->type()) +
                                               " for a buffer of " + element_name(target->type()) + ".");
  }
  const auto array = info[1].As<Napi::TypedArray>();
  const auto count = static_cast<std::int64_t>(array.ElementLength());
  const std::int64_t offset = info[2].IsUndefined() ? 0 : count_at(info, 2, "write", "offset", target->length());
  if (count > target->length() - offset) {
    throw Napi::RangeError::New(info.Env(), "write: data must fit the buffer, at most " +
                                                std::to_string(target->length() - offset) + " elements from offset " +
                                                std::to_string(offset) + ", got " + std::to_string(count) + ".");
  }
  const std::size_t bytes = array.ByteLength();
  if (bytes == 0) return;
  if (device.is_idle()) {
    // Nothing queued can read the old contents, so the copy through staging memory is saved.
    std::memcpy(address(*target, offset), array_data(array), bytes);
    return;
  }
  const auto* source = static_cast<const std::uint8_t*>(array_data(array));
  auto staged = std::make_shared<std::vector<std::uint8_t>>(source, source + bytes);
  device.enqueue("write", [target, offset, staged] {
    std::memcpy(address(*target, offset), staged->data(), staged->size());
  });
}

Napi::Value DeviceHandle::read(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Device& device = open_device(env, "read");
  const std::shared_ptr<Storage> source = buffer_at(info, 0, device, "read", "buffer");
  const std::int64_t offset = info[1].IsUndefined() ? 0 : count_at(info, 1, "read", "offset", source->length());
  const std::int64_t available = source->length() - offset;
  const std::int64_t count = info[2].IsUndefined() ? available : count_at(info, 2, "read", "count", available);
  if (!info[3].IsUndefined() &&
      (!is_array_of(info[3], source->type()) ||
       static_cast<std::int64_t>(info[3].As<Napi::TypedArray>().ElementLength()) != count)) {
    throw Napi::TypeError::New(env, "read: into must be a " + std::string(array_class(source->type())) + " of " +
                                        std::to_string(count) + " elements.");
  }
  const Napi::TypedArray array =
      info[3].IsUndefined() ? make_array(env, source->type(), count) : info[3].As<Napi::TypedArray>();
  void* destination = array_data(array);
  // The pending promise holds the array, so the executor may write into it; a caller must not detach it meanwhile.
  Completions::Pending* pending = completions_->open(env, Value(), array);
  const Napi::Promise promise = pending->deferred.Promise();
  Completions* completions = completions_.get();
  device.enqueue_completion([source, offset, count, destination, completions, pending](const std::string& error) {
    if (error.empty() && count > 0) {
      std::memcpy(destination, address(*source, offset), static_cast<std::size_t>(count) * element_bytes(source->type()));
    }
    completions->settle(pending, error);
  });
  return promise;
}

Napi::Value DeviceHandle::idle(const Napi::CallbackInfo& info) {
  Device& device = open_device(info.Env(), "idle");
  Completions::Pending* pending = completions_->open(info.Env(), Value(), info.Env().Undefined());
  const Napi::Promise promise = pending->deferred.Promise();
  Completions* completions = completions_.get();
  device.enqueue_completion(
      [completions, pending](const std::string& error) { completions->settle(pending, error); });
  return promise;
}

void DeviceHandle::fill(const Napi::CallbackInfo& info) {
  Device& device = open_device(info.Env(), "fill");
  const std::shared_ptr<Storage> target = buffer_at(info, 0, device, "fill", "buffer");
  if (!info[1].IsNumber()) throw Napi::TypeError::New(info.Env(), "fill: value must be a number.");
  const double value = info[1].As<Napi::Number>().DoubleValue();
  device.enqueue("fill", [target, value] { fill_storage(*target, value); });
}

void DeviceHandle::copy(const Napi::CallbackInfo& info) {
  Device& device = open_device(info.Env(), "copy");
  const std::shared_ptr<Storage> target = buffer_at(info, 0, device, "copy", "destination");
  const std::int64_t target_offset = count_at(info, 1, "copy", "destinationOffset", target->length());
  const std::shared_ptr<Storage> source = buffer_at(info, 2, device, "copy", "source");
  const std::int64_t source_offset = count_at(info, 3, "copy", "sourceOffset", source->length());
  if (source->type() != target->type()) {
    throw Napi::TypeError::New(info.Env(), std::string("copy: source must hold ") + element_name(target->type()) +
                                               ", got " + element_name(source->type()) + ".");
  }
  const std::int64_t room = std::min(target->length() - target_offset, source->length() - source_offset);
  const std::int64_t count = count_at(info, 4, "copy", "count", room);
  device.enqueue("copy", [target, target_offset, source, source_offset, count] {
    std::memmove(address(*target, target_offset), address(*source, source_offset),
                 static_cast<std::size_t>(count) * element_bytes(target->type()));
  });
}

void DeviceHandle::run(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Device& device = open_device(env, "run");
  const std::string name = info[0].ToString().Utf8Value();
  const ParseOp parse = find_op(name);
  if (parse == nullptr) throw Napi::TypeError::New(env, "run: the addon has no op \"" + name + "\".");
  if (!info[1].IsObject()) throw Napi::TypeError::New(env, name + ": arguments must be an object.");
  device.enqueue(name, parse(device, Args{info[1].As<Napi::Object>(), name, device}));
}

Napi::Value DeviceHandle::timings(const Napi::CallbackInfo& info) {
  Napi::Object result = Napi::Object::New(info.Env());
  if (!device_) return result;
  for (const auto& [name, timing] : device_->timings()) {
    Napi::Object row = Napi::Object::New(info.Env());
    row.Set("count", static_cast<double>(timing.count));
    row.Set("elapsedMs", timing.milliseconds);
    result.Set(name, row);
  }
  return result;
}

void DeviceHandle::reset_timings(const Napi::CallbackInfo&) {
  if (device_) device_->reset_timings();
}

void DeviceHandle::destroy(const Napi::CallbackInfo&) { stop(); }

}  // namespace vitreous
