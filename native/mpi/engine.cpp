#include "mpi/engine.h"

#include <sys/prctl.h>

#include <algorithm>

#include "mpi/watch.h"

namespace vitreous::mpi {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// While messages are under way; longer once nothing has arrived for a while (the peer computes, or a large message is
// on a slow network): each poll costs a few microseconds of a core that computes.
constexpr microseconds shortest_pause{50};
constexpr microseconds longest_pause{2000};
// A pause is this share of the time since anything arrived: what it may add to a wait.
constexpr int pauses_per_wait = 10;
constexpr milliseconds watch_period{500};

// The standard promises tags up to 32767.
constexpr int tag_count = 32000;

}  // namespace

int Group::next_tag() {
  sequence = (sequence + 1) % tag_count;
  return sequence;
}

Engine::Engine(const Settings& settings) : settings_(settings), thread_([this] { loop(); }) {}

Engine::~Engine() { stop(); }

void Engine::post(std::function<void()> command) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return;
    commands_.push_back(std::move(command));
  }
  wake_.notify_one();
}

void Engine::abort(int code) {
  {
    const std::lock_guard lock(mutex_);
    abort_code_ = std::max(code, 1);
  }
  wake_.notify_one();
}

void Engine::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    commands_.clear();
  }
  wake_.notify_one();
  if (!thread_.joinable()) return;
  if (thread_.get_id() == std::this_thread::get_id()) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

WorldFacts Engine::start() {
  int provided = 0;
  // This thread is the only one that calls MPI.
  check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  is_initialised_ = true;
  auto world = std::make_unique<Group>();
  check(MPI_Comm_dup(MPI_COMM_WORLD, &world->points), "MPI_Comm_dup");
  check(MPI_Comm_dup(MPI_COMM_WORLD, &world->collectives), "MPI_Comm_dup");
  for (const MPI_Comm comm : {world->points, world->collectives}) MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN);
  MPI_Comm_rank(MPI_COMM_WORLD, &world->rank);
  MPI_Comm_size(MPI_COMM_WORLD, &world->size);
  char library[MPI_MAX_LIBRARY_VERSION_STRING] = {};
  int length = 0;
  MPI_Get_library_version(library, &length);
  WorldFacts facts{std::string(library, static_cast<std::size_t>(length)), world->rank, world->size, {}};
  groups_.emplace_back(-1, std::move(world));
  watch_ = std::make_unique<Watch>(facts.rank, facts.size, settings_.silence_seconds);
  facts.identities = watch_->identities();
  return facts;
}

void Engine::say_goodbye() {
  if (watch_) watch_->say_goodbye();
}

void Engine::finish() {
  watch_.reset();
  for (auto& [id, group] : groups_) {
    MPI_Comm_free(&group->points);
    MPI_Comm_free(&group->collectives);
  }
  groups_.clear();
  is_initialised_ = false;
  check(MPI_Finalize(), "MPI_Finalize");
}

Group& Engine::group(int id) {
  for (auto& [known, group] : groups_) {
    if (known == id) return *group;
  }
  throw MpiError("communicator: closed, or of another job.");
}

void Engine::add_group(int id, const Group& group) { groups_.emplace_back(id, std::make_unique<Group>(group)); }

void Engine::free_group(int id) {
  Group& freed = group(id);
  MPI_Comm_free(&freed.points);
  MPI_Comm_free(&freed.collectives);
  std::erase_if(groups_, [id](const auto& entry) { return entry.first == id; });
}

bool Engine::Wait::await_ready() {
  try {
    return requests.test();
  } catch (const MpiError& problem) {
    error = problem.what();
    return true;
  }
}

void Engine::Wait::await_suspend(std::coroutine_handle<> handle) {
  waiting = handle;
  engine.waits_.push_back(this);
}

void Engine::Wait::await_resume() const {
  if (!error.empty()) throw MpiError(error);
}

// True where a wait ended. A resumed coroutine may add waits; they are looked at in the next round.
bool Engine::poll() {
  std::vector<Wait*> ended;
  for (auto it = waits_.begin(); it != waits_.end();) {
    Wait* wait = *it;
    const bool is_done = wait->await_ready();
    if (is_done) ended.push_back(wait);
    it = is_done ? waits_.erase(it) : std::next(it);
  }
  for (Wait* wait : ended) wait->waiting.resume();
  return !ended.empty();
}

microseconds Engine::pause() const {
  const auto quiet = std::chrono::steady_clock::now() - last_progress_;
  return std::clamp(std::chrono::duration_cast<microseconds>(quiet / pauses_per_wait), shortest_pause, longest_pause);
}

void Engine::loop() {
  // Timers of this thread are kept to a few microseconds instead of the usual 50.
  prctl(PR_SET_TIMERSLACK, 5000UL, 0UL, 0UL, 0UL);
  for (;;) {
    std::deque<std::function<void()>> commands;
    {
      std::unique_lock lock(mutex_);
      const auto is_called = [this] { return is_stopping_ || abort_code_ >= 0 || !commands_.empty(); };
      if (!waits_.empty()) {
        wake_.wait_for(lock, pause(), is_called);
      } else if (watch_ && watch_->is_watching()) {
        wake_.wait_for(lock, watch_period, is_called);
      } else {
        wake_.wait(lock, is_called);
      }
      if (abort_code_ >= 0 && is_initialised_) MPI_Abort(MPI_COMM_WORLD, abort_code_);
      if (is_stopping_) return;
      commands.swap(commands_);
    }
    if (!commands.empty()) last_progress_ = std::chrono::steady_clock::now();
    for (const auto& command : commands) command();
    while (!waits_.empty() && poll()) last_progress_ = std::chrono::steady_clock::now();
    if (watch_ && is_initialised_) watch_->look();
  }
}

}  // namespace vitreous::mpi
