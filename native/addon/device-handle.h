#pragma once

#include <napi.h>

#include <memory>

#include "addon/completions.h"
#include "addon/executor.h"

namespace vitreous {

// The JavaScript face of one Device.
class DeviceHandle : public Napi::ObjectWrap<DeviceHandle> {
 public:
  static void define(Napi::Env env);
  // createDevice({ threads?, isa? })
  static Napi::Value create(const Napi::CallbackInfo& info);

  explicit DeviceHandle(const Napi::CallbackInfo& info);
  ~DeviceHandle() override;

 private:
  Napi::Value threads(const Napi::CallbackInfo& info);
  Napi::Value isa(const Napi::CallbackInfo& info);
  Napi::Value allocated_bytes(const Napi::CallbackInfo& info);
  Napi::Value peak_bytes(const Napi::CallbackInfo& info);
  Napi::Value allocate(const Napi::CallbackInfo& info);
  void write(const Napi::CallbackInfo& info);
  Napi::Value read(const Napi::CallbackInfo& info);
  Napi::Value idle(const Napi::CallbackInfo& info);
  void fill(const Napi::CallbackInfo& info);
  void copy(const Napi::CallbackInfo& info);
  void run(const Napi::CallbackInfo& info);
  Napi::Value timings(const Napi::CallbackInfo& info);
  void reset_timings(const Napi::CallbackInfo& info);
  void destroy(const Napi::CallbackInfo& info);

  Device& open_device(Napi::Env env, const char* call);
  // Ends the executor thread and its channel; called by destroy(), by the collector, or when the environment ends.
  void stop();
  static void stop_with_environment(void* handle);

  // Declared before the device, so that they outlive its thread.
  std::unique_ptr<Completions> completions_;
  std::unique_ptr<Device> device_;
  bool is_hooked_ = false;
};

}  // namespace vitreous
