#pragma once

#include <mpi.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace vitreous::mpi {

// Every rank tells the next one each second that it lives, and listens to the one before. A neighbour that is silent for
// too long, or whose process is gone from this host, is named on stderr and the job ended: this is the one message that
// the addon writes itself, because the JavaScript thread may be busy for longer than a job should hang.
class Watch {
 public:
  // Collective: the ranks tell each other host and process.
  Watch(int rank, int size, double silence_seconds);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Called whenever the engine is awake; does something once a second.
  void look();
  // Collective, after the last barrier: nobody watches any more.
  void say_goodbye();
  bool is_watching() const noexcept { return is_watching_; }
  // "host pid start" of each rank, a line each.
  std::string identities() const;

 private:
  struct Identity {
    char host[128];
    std::int64_t pid;
    std::int64_t start;  // of the process, in clock ticks since boot: tells a reused number
  };

  std::string name(int rank) const;
  void lose(int rank, const std::string& how) const;
  void listen();

  int rank_;
  int size_;
  double silence_seconds_;
  bool is_watching_ = false;
  bool is_neighbour_visible_ = false;
  bool has_neighbour_left_ = false;
  bool has_warned_ = false;
  MPI_Comm comm_ = MPI_COMM_NULL;
  MPI_Request sending_ = MPI_REQUEST_NULL;
  MPI_Request receiving_ = MPI_REQUEST_NULL;
  int beat_ = 0;
  int heard_ = 0;
  std::chrono::steady_clock::time_point last_sent_;
  std::chrono::steady_clock::time_point last_heard_;
  std::chrono::steady_clock::time_point last_look_;
  std::vector<Identity> ranks_;
};

}  // namespace vitreous::mpi
