#include "addon/completions.h"

namespace vitreous {

Completions::Pending::Pending(Napi::Env env, Napi::Object device, Napi::Value result)
    : deferred(Napi::Promise::Deferred::New(env)), device(Napi::Persistent(device)) {
  if (result.IsObject()) value = Napi::Persistent(result.As<Napi::Object>());
}

Completions::Completions(Napi::Env env)
    : env_(env),
      channel_(Channel::New(
          env, "vitreous device", 0, 1, this,
          [](Napi::Env, std::shared_ptr<bool>* is_gone, Completions*) {
            **is_gone = true;
            delete is_gone;
          },
          new std::shared_ptr<bool>(is_gone_))) {
  channel_.Unref(env_);
}

Completions::~Completions() { close(); }

void Completions::close() {
  if (is_closed_ || *is_gone_) return;
  is_closed_ = true;
  channel_.Release();
}

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
  try {
    if (!owned->error.empty()) {
      owned->deferred.Reject(Napi::Error::New(env, owned->error).Value());
    } else if (owned->value.IsEmpty()) {
      owned->deferred.Resolve(env.Undefined());
    } else {
      owned->deferred.Resolve(owned->value.Value());
    }
  } catch (const Napi::Error&) {
    // A worker that is being terminated can run no more JavaScript; nobody is left to hear of this promise.
  }
}

}  // namespace vitreous
