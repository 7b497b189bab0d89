#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "addon/storage.h"
#include "simd/dispatch.h"

namespace vitreous {

struct OpTiming {
  std::int64_t count = 0;
  double milliseconds = 0;
};

// One thread and its queue. Work runs in the order it was enqueued; this thread alone enters OpenMP regions, so the
// process has one team per device and the JavaScript event loop stays free.
class Device {
 public:
  using Work = std::function<void()>;
  // Runs on the executor thread; the string is the error of an earlier op, empty if none. Called exactly once, with
  // an error if the device stops first.
  using Completion = std::function<void(const std::string& error)>;

  Device(int threads, Isa isa);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  // An exception thrown by `work` is kept, with the op's name, for the next completion. Later work still runs.
  void enqueue(std::string name, Work work);
  // Takes the kept error, if there is one, and hands it over.
  void enqueue_completion(Completion completion);
  // Drops what has not begun (completions are called with an error), waits for what has, and ends the thread.
  void stop();

  bool is_stopped() const;
  // True when nothing is queued or running, so that the caller may touch buffers itself before it enqueues more.
  bool is_idle() const;

  int threads() const noexcept { return threads_; }
  Isa isa() const noexcept { return isa_; }
  const std::shared_ptr<MemoryCount>& memory() const noexcept { return memory_; }

  std::map<std::string, OpTiming> timings() const;
  void reset_timings();

 private:
  struct Item {
    std::string name;
    Work work;
    Completion completion;
  };

  void loop();
  void run(Item& item);

  int threads_;
  Isa isa_;
  std::shared_ptr<MemoryCount> memory_ = std::make_shared<MemoryCount>();
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  bool is_running_item_ = false;
  bool is_stopping_ = false;
  std::string error_;
  std::map<std::string, OpTiming> timings_;
  std::thread thread_;
};

}  // namespace vitreous
