// FFTW plans that choose the same algorithm every time: single-threaded, FFTW_ESTIMATE, no wisdom, made on buffers of one
// alignment. Executing a plan is safe from many threads; making one is not, so that happens under a lock.
#pragma once

#include <fftw3.h>

#include <mutex>

namespace vitreous {

// One lock for every plan that the process makes.
std::mutex& fftw_planner_mutex() noexcept;

// Owns one plan. Buffers given to execute must be aligned as those at planning (all of ours: 64 bytes).
class FftwPlan {
 public:
  // `make` calls one fftwf_plan_… function. Throws std::bad_alloc where FFTW returns no plan.
  template <typename Make>
  explicit FftwPlan(Make make) : plan_(nullptr) {
    {
      const std::lock_guard lock(fftw_planner_mutex());
      fftwf_forget_wisdom();  // what an earlier plan learnt could change this one
      plan_ = make();
    }
    require();
  }
  ~FftwPlan();
  FftwPlan(const FftwPlan&) = delete;
  FftwPlan& operator=(const FftwPlan&) = delete;

  void complex_to_complex(fftwf_complex* in, fftwf_complex* out) const noexcept { fftwf_execute_dft(plan_, in, out); }
  void real_to_complex(float* in, fftwf_complex* out) const noexcept { fftwf_execute_dft_r2c(plan_, in, out); }
  void complex_to_real(fftwf_complex* in, float* out) const noexcept { fftwf_execute_dft_c2r(plan_, in, out); }

 private:
  void require() const;
  fftwf_plan plan_;
};

}  // namespace vitreous
