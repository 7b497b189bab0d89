#include "mpi/watch.h"

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "mpi/requests.h"

namespace vitreous::mpi {

namespace {

using std::chrono::steady_clock;

constexpr int tag = 1;
constexpr int goodbye = -1;

double seconds_since(steady_clock::time_point then) {
  return std::chrono::duration<double>(steady_clock::now() - then).count();
}

// Field 22 of /proc/<pid>/stat; 0 where there is no such process, or it has ended and waits to be buried.
std::int64_t start_of(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto bracket = text.rfind(')');
  if (bracket == std::string::npos || bracket + 2 >= text.size() || text[bracket + 2] == 'Z') return 0;
  std::size_t at = bracket + 2;
  for (int field = 3; field < 22; ++field) {
    at = text.find(' ', at);
    if (at == std::string::npos) return 0;
    ++at;
  }
  return std::strtoll(text.c_str() + at, nullptr, 10);
}

}  // namespace

Watch::Watch(int rank, int size, double silence_seconds) : rank_(rank), size_(size), silence_seconds_(silence_seconds) {
  Identity own{};
  gethostname(own.host, sizeof own.host - 1);
  own.pid = getpid();
  own.start = start_of(own.pid);
  ranks_.resize(static_cast<std::size_t>(size));
  check(MPI_Comm_dup(MPI_COMM_WORLD, &comm_), "MPI_Comm_dup");
  check(MPI_Allgather(&own, sizeof own, MPI_BYTE, ranks_.data(), sizeof own, MPI_BYTE, comm_), "MPI_Allgather");
  if (size_ == 1) return;
  is_watching_ = true;
  last_heard_ = steady_clock::now();
  const Identity& before = ranks_[static_cast<std::size_t>((rank_ + size_ - 1) % size_)];
  // Containers may share a host name but not their processes: only what can be seen now can be missed later.
  is_neighbour_visible_ =
      std::strcmp(before.host, own.host) == 0 && before.start != 0 && start_of(before.pid) == before.start;
  listen();
}

Watch::~Watch() {
  if (comm_ != MPI_COMM_NULL) MPI_Comm_free(&comm_);
}

void Watch::listen() {
  check(MPI_Irecv(&heard_, 1, MPI_INT, (rank_ + size_ - 1) % size_, tag, comm_, &receiving_), "MPI_Irecv");
}

void Watch::look() {
  if (!is_watching_ || seconds_since(last_look_) < 0.2) return;
  last_look_ = steady_clock::now();
  int is_done = 0;
  MPI_Test(&sending_, &is_done, MPI_STATUS_IGNORE);
  if (is_done != 0 && seconds_since(last_sent_) > 1) {
    beat_ = 1;
    MPI_Isend(&beat_, 1, MPI_INT, (rank_ + 1) % size_, tag, comm_, &sending_);
    last_sent_ = steady_clock::now();
  }
  while (!has_neighbour_left_) {
    MPI_Test(&receiving_, &is_done, MPI_STATUS_IGNORE);
    if (is_done == 0) break;
    last_heard_ = steady_clock::now();
    has_warned_ = false;
    if (heard_ == goodbye) {
      has_neighbour_left_ = true;
    } else {
      listen();
    }
  }
  if (has_neighbour_left_) return;
  const int before = (rank_ + size_ - 1) % size_;
  const Identity& neighbour = ranks_[static_cast<std::size_t>(before)];
  if (is_neighbour_visible_ && start_of(neighbour.pid) != neighbour.start) {
    lose(before, "is gone: it was killed, or ended without a word");
  }
  const double silent = seconds_since(last_heard_);
  if (silent > silence_seconds_) {
    lose(before, "has been silent for " + std::to_string(static_cast<int>(silent)) + " s");
  }
  if (silent > silence_seconds_ / 3 && !has_warned_) {
    has_warned_ = true;
    std::fprintf(stderr, "vitreous: %s has been silent for %d s; at %d s the job ends.\n", name(before).c_str(),
                 static_cast<int>(silent), static_cast<int>(silence_seconds_));
  }
}

void Watch::lose(int rank, const std::string& how) const {
  std::fprintf(stderr, "vitreous: %s %s. The job ends here; go on from its checkpoint with vitreous resume.\n",
               name(rank).c_str(), how.c_str());
  std::fflush(stderr);
  MPI_Abort(MPI_COMM_WORLD, 1);
}

void Watch::say_goodbye() {
  if (!is_watching_) return;
  MPI_Wait(&sending_, MPI_STATUS_IGNORE);
  beat_ = goodbye;
  MPI_Isend(&beat_, 1, MPI_INT, (rank_ + 1) % size_, tag, comm_, &sending_);
  while (!has_neighbour_left_) {
    MPI_Wait(&receiving_, MPI_STATUS_IGNORE);
    if (heard_ == goodbye) {
      has_neighbour_left_ = true;
    } else {
      listen();
    }
  }
  MPI_Wait(&sending_, MPI_STATUS_IGNORE);
  is_watching_ = false;
}

std::string Watch::name(int rank) const {
  const Identity& identity = ranks_[static_cast<std::size_t>(rank)];
  return "rank " + std::to_string(rank) + " (process " + std::to_string(identity.pid) + " on " + identity.host + ")";
}

std::string Watch::identities() const {
  std::string text;
  for (const Identity& identity : ranks_) {
    text += std::string(identity.host) + " " + std::to_string(identity.pid) + " " + std::to_string(identity.start) + "\n";
  }
  return text;
}

}  // namespace vitreous::mpi
