#include "kernels/fftw_plan.h"

#include <new>

namespace vitreous {

std::mutex& fftw_planner_mutex() noexcept {
  static std::mutex mutex;
  return mutex;
}

FftwPlan::~FftwPlan() {
  const std::lock_guard lock(fftw_planner_mutex());
  if (plan_ != nullptr) fftwf_destroy_plan(plan_);
}

void FftwPlan::require() const {
  if (plan_ == nullptr) throw std::bad_alloc();
}

}  // namespace vitreous
