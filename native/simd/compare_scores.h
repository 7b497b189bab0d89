#pragma once

// The epilogue of compare: products of one image and panel → scores → the image's running state.

#include "simd/compare_rows.h"
#include "simd/kept_slices.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

// Per slice of a panel, over the shifts of one image.
struct PanelScores {
  alignas(64) float score[panel_width];         // log Σ exp(L + prior)
  alignas(64) std::int32_t shift[panel_width];  // with the largest L + prior
  alignas(64) float best[panel_width];          // profile: largest L,
  alignas(64) float best_cross[panel_width];    //   its cross,
  alignas(64) float inverted[panel_width];      //   largest cross²/(4 norm) where cross < 0
};

// products [shift_count][16] are overwritten.
template <bool is_profile>
VITREOUS_INLINE void score_panel(float* products, const float* norm, const float* log_prior, std::int64_t shift_count,
                                 PanelScores& out) {
  const vfloat nothing = spread(-__builtin_inff());
  const vfloat zero = spread(0.0f);
  for (int offset = 0; offset < panel_width; offset += lane_count) {
    const vfloat half_power = load(norm + offset);
    const vfloat four_norm = mul(spread(4.0f), half_power);
    vfloat largest = nothing;
    vfloat where = zero;
    vfloat best = nothing;
    vfloat best_cross = zero;
    vfloat inverted = zero;
    for (std::int64_t shift = 0; shift < shift_count; ++shift) {
      float* place = products + shift * panel_width + offset;
      const vfloat cross = load(place);
      vfloat likelihood;
      if constexpr (is_profile) {
        const vfloat gain = mul(cross, div(cross, four_norm));
        // "not at most 0" lets NaN through, so that a broken image shows itself.
        likelihood = select(at_most(cross, zero), zero, gain);
        inverted = max(inverted, select(greater(zero, cross), gain, zero));
        const vmask is_better = greater(likelihood, best);
        best = select(is_better, likelihood, best);
        best_cross = select(is_better, cross, best_cross);
      } else {
        likelihood = sub(cross, half_power);
      }
      const vfloat value = add(likelihood, spread(log_prior[shift]));
      store(place, value);
      const vmask is_larger = greater(value, largest);
      largest = select(is_larger, value, largest);
      where = select(is_larger, spread(static_cast<float>(shift)), where);
    }
    vfloat sum = zero;
    for (std::int64_t shift = 0; shift < shift_count; ++shift) {
      sum = add(sum, exp_nonpositive(sub(load(products + shift * panel_width + offset), largest)));
    }
    store(out.score + offset, add(largest, log_positive(sum)));
    store_integers(out.shift + offset, where);
    store(out.best + offset, best);
    store(out.best_cross + offset, best_cross);
    store(out.inverted + offset, inverted);
  }
}

Kept kept_of(const CompareJob& job, std::int64_t image) {
  const std::int64_t at = image * job.keep_count;
  return {job.top_score + at, job.top_slice + at, job.top_shift + at, job.keep_count};
}

// Adds one panel to the running state of an image, in slice order.
VITREOUS_INLINE void merge_panel(const CompareJob& job, std::int64_t image, std::int64_t panel, const float* norm,
                                 const PanelScores& scores) {
  const int valid = static_cast<int>(smaller(panel_width, job.slice_count - panel * panel_width));
  const std::int64_t first_slice = job.first_slice + panel * panel_width;
  float largest = -__builtin_inff();
  for (int lane = 0; lane < valid; ++lane) {
    if (scores.score[lane] > largest) largest = scores.score[lane];
  }
  alignas(64) float terms[panel_width];
  for (int offset = 0; offset < panel_width; offset += lane_count) {
    store(terms + offset, exp_nonpositive(sub(load(scores.score + offset), spread(largest))));
  }
  double sum = 0.0;
  for (int lane = 0; lane < valid; ++lane) sum += static_cast<double>(terms[lane]);
  double* evidence = job.evidence + 2 * image;
  const double panel_largest = static_cast<double>(largest);
  if (panel_largest > evidence[0]) {
    evidence[1] = evidence[1] * __builtin_exp(evidence[0] - panel_largest) + sum;
    evidence[0] = panel_largest;
  } else {
    evidence[1] += sum * __builtin_exp(panel_largest - evidence[0]);
  }

  const Kept kept = kept_of(job, image);
  if (kept.count > 0 && largest >= kept.score[0]) {
    for (int lane = 0; lane < valid; ++lane) {
      kept.offer(scores.score[lane], static_cast<std::int32_t>(first_slice + lane), scores.shift[lane]);
    }
  }

  if (job.profile_scale) {
    float* profile = job.profile + 4 * image;
    for (int lane = 0; lane < valid; ++lane) {
      if (scores.best[lane] > profile[0]) {
        profile[0] = scores.best[lane];
        profile[1] = scores.best_cross[lane];
        profile[2] = 2.0f * norm[lane];
      }
      if (scores.inverted[lane] > profile[3]) profile[3] = scores.inverted[lane];
    }
  }
}

}  // namespace

}  // namespace vitreous::VITREOUS_SIMD_NS
