#pragma once

#include <napi.h>

namespace vitreous {

// What belongs to one JavaScript environment (the main thread or one worker) rather than to the process.
struct Instance {
  Napi::FunctionReference buffer_constructor;
  Napi::FunctionReference device_constructor;
};

inline Instance& instance_of(Napi::Env env) { return *env.GetInstanceData<Instance>(); }

}  // namespace vitreous
