// Binding of the communicator: views in, one coroutine started on the engine's thread, a promise out. The arguments were
// checked by src/comm/mpi.ts, the only caller.

#include <napi.h>

#include <memory>
#include <string>
#include <utility>

#include "addon/completions.h"
#include "mpi/communicate.h"
#include "mpi/engine.h"

namespace vitreous::mpi {

namespace {

struct Job {
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Completions> completions;
  WorldFacts facts;
};

// A process takes part in one job, once.
Job job;

Engine& engine_of(Napi::Env env) {
  if (!job.engine) throw Napi::Error::New(env, "mpi: not started.");
  return *job.engine;
}

// Bytes of a typed array over an ArrayBuffer or a SharedArrayBuffer.
View view_at(const Napi::CallbackInfo& info, std::size_t index) {
  const Napi::Env env = info.Env();
  if (!info[index].IsTypedArray()) {
    throw Napi::TypeError::New(env, "mpi: argument " + std::to_string(index) + " must be a typed array.");
  }
  void* data = nullptr;
  // The wrapper's own way to the data refuses a SharedArrayBuffer.
  const napi_status status = napi_get_typedarray_info(env, info[index], nullptr, nullptr, &data, nullptr, nullptr);
  if (status != napi_ok) throw Napi::Error::New(env);
  return {static_cast<char*>(data), static_cast<std::int64_t>(info[index].As<Napi::TypedArray>().ByteLength())};
}

int int_at(const Napi::CallbackInfo& info, std::size_t index) { return info[index].ToNumber().Int32Value(); }

Counts counts_at(const Napi::CallbackInfo& info, std::size_t index) {
  const auto list = info[index].As<Napi::Array>();
  Counts counts(list.Length());
  for (std::uint32_t i = 0; i < list.Length(); ++i) counts[i] = list.Get(i).ToNumber().Int64Value();
  return counts;
}

// Opens a promise that holds all arguments, hands `begin` its settler on the engine's thread.
template <typename Begin>
Napi::Value promise(const Napi::CallbackInfo& info, Begin begin) {
  const Napi::Env env = info.Env();
  Engine& engine = engine_of(env);
  Napi::Array held = Napi::Array::New(env, info.Length());
  for (std::uint32_t i = 0; i < info.Length(); ++i) held.Set(i, info[i]);
  Completions::Pending* pending = job.completions->open(env, held, env.Undefined());
  const Napi::Promise result = pending->deferred.Promise();
  const Settle settle = [pending](const std::string& error) { job.completions->settle(pending, error); };
  engine.post([&engine, begin = std::move(begin), settle] { begin(engine, settle); });
  return result;
}

void stop_with_environment(void*) {
  if (job.engine) job.engine->stop();
}

double number_of(const Napi::Object& options, const char* name, double otherwise) {
  const Napi::Value value = options.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : otherwise;
}

Napi::Value start(const Napi::CallbackInfo& info) {
  if (job.engine) throw Napi::Error::New(info.Env(), "mpi: started already; a process takes part in one job, once.");
  const Napi::Object options = info[0].As<Napi::Object>();
  Settings settings;
  settings.cut_bytes = static_cast<std::int64_t>(number_of(options, "cutBytes", static_cast<double>(settings.cut_bytes)));
  settings.sum_elements =
      static_cast<std::int64_t>(number_of(options, "sumElements", static_cast<double>(settings.sum_elements)));
  settings.silence_seconds = number_of(options, "silenceSeconds", settings.silence_seconds);
  job.completions = std::make_unique<Completions>(info.Env());
  job.engine = std::make_unique<Engine>(settings);
  napi_add_env_cleanup_hook(info.Env(), stop_with_environment, nullptr);
  return promise(info, [](Engine& engine, const Settle& settle) {
    try {
      job.facts = engine.start();
      settle({});
    } catch (const MpiError& error) {
      settle(error.what());
    }
  });
}

Napi::Value facts(const Napi::CallbackInfo& info) {
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("library", job.facts.library);
  result.Set("rank", job.facts.rank);
  result.Set("size", job.facts.size);
  result.Set("identities", job.facts.identities);
  return result;
}

Napi::Value send_call(const Napi::CallbackInfo& info) {
  return promise(info, [group = int_at(info, 0), bytes = view_at(info, 1), to = int_at(info, 2),
                        tag = int_at(info, 3)](Engine& engine, Settle settle) {
    send(engine, group, bytes, to, tag, std::move(settle));
  });
}

Napi::Value receive_call(const Napi::CallbackInfo& info) {
  return promise(info, [group = int_at(info, 0), bytes = view_at(info, 1), from = int_at(info, 2),
                        tag = int_at(info, 3)](Engine& engine, Settle settle) {
    receive(engine, group, bytes, from, tag, std::move(settle));
  });
}

Napi::Value shift_call(const Napi::CallbackInfo& info) {
  return promise(info, [group = int_at(info, 0), outgoing = view_at(info, 1),
                        incoming = view_at(info, 2)](Engine& engine, Settle settle) {
    shift(engine, group, outgoing, incoming, std::move(settle));
  });
}

Napi::Value all_gather_call(const Napi::CallbackInfo& info) {
  return promise(info, [group = int_at(info, 0), own = view_at(info, 1), all = view_at(info, 2),
                        counts = counts_at(info, 3)](Engine& engine, Settle settle) {
    all_gather(engine, group, own, all, counts, std::move(settle));
  });
}

Napi::Value all_to_all_call(const Napi::CallbackInfo& info) {
  return promise(info, [group = int_at(info, 0), outgoing = view_at(info, 1), send_counts = counts_at(info, 2),
                        incoming = view_at(info, 3),
                        receive_counts = counts_at(info, 4)](Engine& engine, Settle settle) {
    all_to_all(engine, group, outgoing, send_counts, incoming, receive_counts, std::move(settle));
  });
}

Napi::Value reduce_scatter_call(const Napi::CallbackInfo& info) {
  return promise(info, [group = int_at(info, 0), values = view_at(info, 1), own = view_at(info, 2),
                        counts = counts_at(info, 3)](Engine& engine, Settle settle) {
    reduce_scatter_fixed(engine, group, values, own, counts, std::move(settle));
  });
}

template <Task (*reduce)(Engine&, int, View, Settle)>
Napi::Value reduce_call(const Napi::CallbackInfo& info) {
  return promise(info, [group = int_at(info, 0), values = view_at(info, 1)](Engine& engine, Settle settle) {
    reduce(engine, group, values, std::move(settle));
  });
}

Napi::Value broadcast_call(const Napi::CallbackInfo& info) {
  return promise(info, [group = int_at(info, 0), bytes = view_at(info, 1),
                        root = int_at(info, 2)](Engine& engine, Settle settle) {
    broadcast(engine, group, bytes, root, std::move(settle));
  });
}

Napi::Value barrier_call(const Napi::CallbackInfo& info) {
  return promise(info, [group = int_at(info, 0)](Engine& engine, Settle settle) {
    barrier(engine, group, std::move(settle));
  });
}

Napi::Value split_call(const Napi::CallbackInfo& info) {
  return promise(info, [group = int_at(info, 0), colour = int_at(info, 1), key = int_at(info, 2),
                        id = int_at(info, 3), facts = view_at(info, 4)](Engine& engine, Settle settle) {
    split(engine, group, colour, key, id, facts, std::move(settle));
  });
}

Napi::Value free_call(const Napi::CallbackInfo& info) {
  return promise(info, [group = int_at(info, 0)](Engine& engine, const Settle& settle) {
    try {
      engine.free_group(group);
      settle({});
    } catch (const MpiError& error) {
      settle(error.what());
    }
  });
}

Napi::Value finish(const Napi::CallbackInfo& info) {
  return promise(info, [](Engine& engine, Settle settle) { finalize(engine, std::move(settle)); });
}

void abort_call(const Napi::CallbackInfo& info) { engine_of(info.Env()).abort(int_at(info, 0)); }

Napi::Object init(Napi::Env env, Napi::Object exports) {
  const std::pair<const char*, Napi::Value (*)(const Napi::CallbackInfo&)> calls[] = {
      {"start", start},
      {"facts", facts},
      {"send", send_call},
      {"receive", receive_call},
      {"shift", shift_call},
      {"allGather", all_gather_call},
      {"allToAll", all_to_all_call},
      {"reduceScatterFixed", reduce_scatter_call},
      {"allReduceSum", reduce_call<all_reduce_sum>},
      {"allReduceSumFixed", reduce_call<all_reduce_sum_fixed>},
      {"allReduceMax", reduce_call<all_reduce_max>},
      {"broadcast", broadcast_call},
      {"barrier", barrier_call},
      {"split", split_call},
      {"free", free_call},
      {"finish", finish},
  };
  for (const auto& [name, call] : calls) exports.Set(name, Napi::Function::New(env, call, name));
  exports.Set("abort", Napi::Function::New(env, abort_call, "abort"));
  return exports;
}

}  // namespace

NODE_API_MODULE(vitreous_mpi, init)

}  // namespace vitreous::mpi
