#pragma once

#include <napi.h>

#include <memory>
#include <string>

namespace vitreous {

// Settles promises on the JavaScript thread when the executor thread says so. The event loop is kept alive only while
// a promise is open.
class Completions {
 public:
  explicit Completions(Napi::Env env);
  ~Completions();
  Completions(const Completions&) = delete;
  Completions& operator=(const Completions&) = delete;

  // A promise being kept: `value` is what it resolves to and `device` the object whose thread works for it; both are
  // held until then, so neither can be collected under the executor's feet.
  struct Pending {
    Pending(Napi::Env env, Napi::Object device, Napi::Value result);
    Napi::Promise::Deferred deferred;
    Napi::ObjectReference device;
    Napi::ObjectReference value;
    std::string error;
    Completions* owner = nullptr;
  };

  // JavaScript thread: opens a promise that resolves to `result` (or undefined).
  Pending* open(Napi::Env env, Napi::Object device, Napi::Value result);
  // Any thread: an empty error resolves, another rejects with it. Takes `pending`.
  void settle(Pending* pending, const std::string& error);
  // JavaScript thread: no settle() follows; what was settled before still arrives.
  void close();

 private:
  static void call(Napi::Env env, Napi::Function, Completions* self, Pending* pending);
  using Channel = Napi::TypedThreadSafeFunction<Completions, Pending, &Completions::call>;

  Napi::Env env_;
  // True once the channel is gone. Shared with its finalizer, because either may outlive the other: a dying
  // environment takes the channel down first.
  std::shared_ptr<bool> is_gone_ = std::make_shared<bool>(false);
  bool is_closed_ = false;
  Channel channel_;
  int open_count_ = 0;
};

}  // namespace vitreous
