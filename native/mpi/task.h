#pragma once

#include <coroutine>
#include <exception>

namespace vitreous::mpi {

// A coroutine that starts at once on the engine's thread, is resumed by it and frees itself at its end. What it achieves
// it reports itself: it never throws.
struct Task {
  struct promise_type {
    Task get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

}  // namespace vitreous::mpi
