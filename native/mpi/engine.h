#pragma once

#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "mpi/requests.h"

namespace vitreous::mpi {

class Watch;

// A communicator as the engine keeps it: two MPI communicators, so that messages of a collective never meet those of
// send and receive, and the number of the next collective, which is its tag: all ranks count alike.
struct Group {
  MPI_Comm points = MPI_COMM_NULL;
  MPI_Comm collectives = MPI_COMM_NULL;
  int rank = 0;
  int size = 1;
  int sequence = 0;

  int next_tag();
};

struct Settings {
  // Longest message handed to MPI, and most elements of a sum exchanged at once: small values serve tests.
  std::int64_t cut_bytes = std::int64_t{1} << 30;
  std::int64_t sum_elements = std::int64_t{1} << 20;
  // A rank from which nothing is heard for this long ends the job.
  double silence_seconds = 20;
};

struct WorldFacts {
  std::string library;
  int rank = 0;
  int size = 1;
  std::string identities;  // Watch::identities
};

// The one thread that makes MPI calls. It sleeps on a condition variable while nothing is pending and polls while
// something is: MPI makes no progress by itself. Work comes as commands, which start coroutines (communicate.h) that wait
// for messages with `co_await engine.wait(requests)`.
class Engine {
 public:
  explicit Engine(const Settings& settings);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Any thread. Commands run in order on the engine's thread; none is taken after `stop`.
  void post(std::function<void()> command);
  // Any thread: MPI_Abort as soon as the engine is awake. Never waits.
  void abort(int code);
  // Any thread: ends the thread after MPI_Finalize (if `finish` ran) or at once; no MPI call follows.
  void stop();

  // Engine thread only.
  struct Wait {
    Engine& engine;
    Requests requests;
    std::string error;
    std::coroutine_handle<> waiting = nullptr;

    bool await_ready();
    void await_suspend(std::coroutine_handle<> handle);
    void await_resume() const;
  };
  Wait wait(Requests requests) { return {*this, std::move(requests), {}, nullptr}; }
  Requests requests(MPI_Comm comm) const { return Requests(comm, settings_.cut_bytes); }
  const Settings& settings() const noexcept { return settings_; }

  // MPI_Init_thread, world communicators, the watch over the neighbour.
  WorldFacts start();
  // MPI_Finalize; all ranks are through their last message.
  void finish();
  // The neighbour is no longer watched, and told so.
  void say_goodbye();
  // -1: all ranks; else an id from `split`.
  Group& group(int id);
  void add_group(int id, const Group& group);
  void free_group(int id);

 private:
  void loop();
  bool poll();
  std::chrono::microseconds pause() const;

  Settings settings_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> commands_;
  bool is_stopping_ = false;
  int abort_code_ = -1;

  // Engine thread only.
  std::list<Wait*> waits_;
  std::vector<std::pair<int, std::unique_ptr<Group>>> groups_;
  std::unique_ptr<Watch> watch_;
  std::chrono::steady_clock::time_point last_progress_;
  bool is_initialised_ = false;

  std::thread thread_;
};

}  // namespace vitreous::mpi
