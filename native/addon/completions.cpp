#include "addon/completions.h"

namespace vitreous {

Completions::Pending::Pending(Napi::Env env, Napi::Object device, Napi::Value result)
    : deferred(Napi::Promise::Deferred::New(env)), device(Napi::Persistent(device)) {
  if (result.IsObject()) value = Napi::Persistent(result.As<Napi::Object>());
}

Completions::Completions(Napi::Env env) : env_(env), channel_(Channel::New(env, "vitreous device", 0, 1, this)) {
  channel_.Unref(env_);
}

Completions::~Completions() { channel_.Release(); }

Completions::Pending* Completions::open(Napi::Env env, Napi::Object device, Napi::Value result) {
  auto* pending = new Pending(env, device, result);
  pending->owner = this;
  if (open_count_++ == 0) channel_.Ref(env_);
  return pending;
}

void Completions::settle(Pending* pending, const std::string& error) {
  pending->error = error;
  // Refused only while the environment is being torn down; the promise, and all else, is then beyond reach.
  channel_.NonBlockingCall(pending);
}

void Completions::call(Napi::Env env, Napi::Function, Completions*, Pending* pending) {
  const std::unique_ptr<Pending> owned(pending);
  if (static_cast<napi_env>(env) == nullptr) return;
  Completions* self = owned->owner;
  if (--self->open_count_ == 0) self->channel_.Unref(env);
  if (!owned->error.empty()) {
    owned->deferred.Reject(Napi::Error::New(env, owned->error).Value());
  } else if (owned->value.IsEmpty()) {
    owned->deferred.Resolve(env.Undefined());
  } else {
    owned->deferred.Resolve(owned->value.Value());
  }
}

}  // namespace vitreous
