#include "addon/executor.h"

#include <omp.h>

#include <chrono>
#include <exception>
#include <new>
#include <utility>

namespace vitreous {

Device::Device(int threads, Isa isa) : threads_(threads), isa_(isa), thread_([this] { loop(); }) {}

Device::~Device() { stop(); }

void Device::enqueue(std::string name, Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return;
    queue_.push_back({std::move(name), std::move(work), nullptr});
  }
  wake_.notify_one();
}

void Device::enqueue_completion(Completion completion) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_stopping_) {
      queue_.push_back({{}, nullptr, std::move(completion)});
      completion = nullptr;
    }
  }
  if (completion) {
    completion("device: destroyed before the work was done.");
  } else {
    wake_.notify_one();
  }
}

void Device::stop() {
  std::deque<Item> dropped;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    dropped.swap(queue_);
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  for (Item& item : dropped) {
    if (item.completion) item.completion("device: destroyed before the work was done.");
  }
}

bool Device::is_stopped() const {
  const std::lock_guard lock(mutex_);
  return is_stopping_;
}

bool Device::is_idle() const {
  const std::lock_guard lock(mutex_);
  return queue_.empty() && !is_running_item_;
}

std::map<std::string, OpTiming> Device::timings() const {
  const std::lock_guard lock(mutex_);
  return timings_;
}

void Device::reset_timings() {
  const std::lock_guard lock(mutex_);
  timings_.clear();
}

void Device::loop() {
  omp_set_dynamic(0);
  omp_set_num_threads(threads_);
  // The team is created here and kept by the runtime, so a kernel that asks inside a region gets the same answer.
#pragma omp parallel
  set_isa(isa_);
  for (;;) {
    Item item;
    {
      std::unique_lock lock(mutex_);
      is_running_item_ = false;
      wake_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
      if (is_stopping_) return;
      item = std::move(queue_.front());
      queue_.pop_front();
      is_running_item_ = true;
    }
    run(item);
  }
}

void Device::run(Item& item) {
  if (item.completion) {
    std::string error;
    {
      const std::lock_guard lock(mutex_);
      error.swap(error_);
    }
    item.completion(error);
    return;
  }
  const auto start = std::chrono::steady_clock::now();
  std::string failure;
  try {
    item.work();
  } catch (const std::bad_alloc&) {
    failure = "the device ran out of memory. Use smaller batches or a lower --memory.";
  } catch (const std::exception& exception) {
    failure = exception.what();
  } catch (...) {
    failure = "stopped by an unknown exception.";
  }
  item.work = nullptr;  // buffers held by the op are released before a later completion reports
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
  const std::lock_guard lock(mutex_);
  OpTiming& timing = timings_[item.name];
  timing.count += 1;
  timing.milliseconds += elapsed.count();
  if (!failure.empty() && error_.empty()) error_ = item.name + ": " + failure;
}

}  // namespace vitreous
