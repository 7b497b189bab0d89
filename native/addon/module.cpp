#include <fftw3.h>
#include <napi.h>

#include <string>

#include "addon/buffer.h"
#include "addon/device-handle.h"
#include "addon/instance.h"
#include "addon/processor.h"
#include "addon/registry.h"

namespace vitreous {

namespace {

Napi::Value cpu_features(const Napi::CallbackInfo& info) {
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("name", processor_name());
  result.Set("isa", isa_name(detected_isa()));
  for (const ProcessorFeature& feature : processor_features()) result.Set(feature.name, feature.is_present);
  return result;
}

Napi::Value build_info(const Napi::CallbackInfo& info) {
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("compiler", "g++ " __VERSION__);
  result.Set("fftw", std::string(fftwf_version));
  result.Set("openmp", static_cast<double>(_OPENMP));
  return result;
}

Napi::Value list_ops(const Napi::CallbackInfo& info) {
  Napi::Array names = Napi::Array::New(info.Env());
  std::uint32_t index = 0;
  for (const std::string& name : op_names()) names.Set(index++, name);
  return names;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Instance);
  NativeBuffer::define(env);
  DeviceHandle::define(env);
  exports.Set("createDevice", Napi::Function::New(env, DeviceHandle::create, "createDevice"));
  exports.Set("cpuFeatures", Napi::Function::New(env, cpu_features, "cpuFeatures"));
  exports.Set("buildInfo", Napi::Function::New(env, build_info, "buildInfo"));
  exports.Set("opNames", Napi::Function::New(env, list_ops, "opNames"));
  return exports;
}

}  // namespace

NODE_API_MODULE(vitreous, init)

}  // namespace vitreous
