#include "simd/compare.h"

#include "simd/vector.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

constexpr int panel_width = 16;
constexpr int vector_count = panel_width / lane_count;
constexpr std::int64_t pixel_stride = 3 * panel_width;  // real, imaginary, power

// Rows of one micro-kernel call: rows × vector_count accumulators fill the registers.
#if defined(VITREOUS_SIMD_avx512)
constexpr int row_block = 12;
#elif defined(VITREOUS_SIMD_avx2)
constexpr int row_block = 6;
#else
constexpr int row_block = 2;
#endif

// Pixels of a slice panel that stay in the first-level cache while all rows of a group pass over them.
constexpr std::int64_t pixel_block = 96;

VITREOUS_INLINE std::int64_t smaller(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

// out[row][16] (+)= Σ over pixels and `steps` values of each (real, imaginary) of rows[k][row]·panel[k][16], in band order.
// The sum goes on from `out` unless is_first, so that cutting the pixels into blocks changes no bit.
template <int steps>
VITREOUS_INLINE void multiply(const float* rows, const float* panel, std::int64_t pixels, bool is_first, float* out) {
  vfloat sum[row_block][vector_count];
#pragma GCC unroll 16
  for (int row = 0; row < row_block; ++row) {
#pragma GCC unroll 16
    for (int v = 0; v < vector_count; ++v) {
      sum[row][v] = is_first ? spread(0.0f) : load(out + row * panel_width + v * lane_count);
    }
  }
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
#pragma GCC unroll 2
    for (int step = 0; step < steps; ++step) {
      vfloat values[vector_count];
#pragma GCC unroll 16
      for (int v = 0; v < vector_count; ++v) values[v] = load(panel + step * panel_width + v * lane_count);
#pragma GCC unroll 16
      for (int row = 0; row < row_block; ++row) {
        const vfloat factor = spread(rows[step * row_block + row]);
#pragma GCC unroll 16
        for (int v = 0; v < vector_count; ++v) sum[row][v] = madd(factor, values[v], sum[row][v]);
      }
    }
    rows += steps * row_block;
    panel += pixel_stride;
  }
#pragma GCC unroll 16
  for (int row = 0; row < row_block; ++row) {
#pragma GCC unroll 16
    for (int v = 0; v < vector_count; ++v) store(out + row * panel_width + v * lane_count, sum[row][v]);
  }
}

// scale·C/σ² of one pixel, and scale·C beside it.
VITREOUS_INLINE float weight_of(const CompareJob& job, std::int64_t image, std::int64_t pixel, float& contrast) {
  const std::int64_t shell = job.band_shell[pixel];
  contrast = job.ctf == nullptr ? job.scale[image] : job.scale[image] * job.ctf[image * job.band_pixel_count + pixel];
  return shell < job.shell_count ? contrast * job.inverse_sigma2[job.group[image] * job.shell_count + shell] : 0.0f;
}

// packed[row block][pixel][row]: ½ a·scale·C; rows beyond the images are 0.
void pack_norm_rows(const CompareJob& job, std::int64_t first_image, std::int64_t last_image, float* packed) {
  const std::int64_t pixels = job.pixel_count - job.first_pixel;
  const std::int64_t count = last_image - first_image;
  for (std::int64_t row = 0; row < (count + row_block - 1) / row_block * row_block; ++row) {
    float* out = packed + row / row_block * row_block * pixels + row % row_block;
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      float contrast = 0.0f;
      const float weight =
          row < count ? weight_of(job, first_image + row, job.first_pixel + pixel, contrast) : 0.0f;
      out[pixel * row_block] = 0.5f * weight * contrast;
    }
  }
}

// whitened[image][2][pixels]: a·X.
void whiten(const CompareJob& job, std::int64_t first_image, std::int64_t last_image, float* whitened) {
  const std::int64_t pixels = job.pixel_count - job.first_pixel;
  for (std::int64_t image = first_image; image < last_image; ++image) {
    const float* real = job.images + image * 2 * job.band_pixel_count + job.first_pixel;
    const float* imaginary = real + job.band_pixel_count;
    float* out = whitened + (image - first_image) * 2 * pixels;
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      float contrast;
      const float weight = weight_of(job, image, job.first_pixel + pixel, contrast);
      out[pixel] = weight * real[pixel];
      out[pixels + pixel] = weight * imaginary[pixel];
    }
  }
}

// packed[pixel block][row block][pixel][2][row]: a·X·e^{+2πi k·t/N}, row = (image, shift), shift fastest; Re of its
// conjugate times S is cross's summand. Rows beyond row_count are 0.
void pack_rows(const float* whitened, const float* phase, std::int64_t shift_count, std::int64_t pixels,
               std::int64_t row_count, float* packed) {
  float turned[row_block][2][pixel_block];
  const std::int64_t row_blocks = (row_count + row_block - 1) / row_block;
  for (std::int64_t first = 0; first < pixels; first += pixel_block) {
    const std::int64_t count = smaller(pixel_block, pixels - first);
    for (std::int64_t block = 0; block < row_blocks; ++block) {
      for (int r = 0; r < row_block; ++r) {
        const std::int64_t row = block * row_block + r;
        if (row >= row_count) {
          for (std::int64_t p = 0; p < count; ++p) turned[r][0][p] = turned[r][1][p] = 0.0f;
          continue;
        }
        const float* x = whitened + row / shift_count * 2 * pixels + first;
        const float* e = phase + row % shift_count * 2 * pixels + first;
        for (std::int64_t p = 0; p < count; ++p) {
          turned[r][0][p] = x[p] * e[p] - x[pixels + p] * e[pixels + p];
          turned[r][1][p] = x[p] * e[pixels + p] + x[pixels + p] * e[p];
        }
      }
      for (std::int64_t p = 0; p < count; ++p) {
        for (int part = 0; part < 2; ++part) {
          for (int r = 0; r < row_block; ++r) *packed++ = turned[r][part][p];
        }
      }
    }
  }
}

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

// The kept slices of one image: a binary heap whose first entry is the worst (lowest score; of equals the later slice).
struct Kept {
  float* score;
  std::int32_t* slice;
  std::int32_t* shift;
  std::int64_t count;

  bool is_worse(std::int64_t a, std::int64_t b) const {
    return score[a] < score[b] || (score[a] == score[b] && slice[a] > slice[b]);
  }
  void settle(std::int64_t place) const {
    for (;;) {
      std::int64_t child = 2 * place + 1;
      if (child >= count) return;
      if (child + 1 < count && is_worse(child + 1, child)) ++child;
      if (!is_worse(child, place)) return;
      const float old_score = score[place];
      const std::int32_t old_slice = slice[place];
      const std::int32_t old_shift = shift[place];
      score[place] = score[child];
      slice[place] = slice[child];
      shift[place] = shift[child];
      score[child] = old_score;
      slice[child] = old_slice;
      shift[child] = old_shift;
      place = child;
    }
  }
  // No change where the arrays are a heap already, as they are after an earlier call.
  void order() const {
    for (std::int64_t place = count / 2 - 1; place >= 0; --place) settle(place);
  }
  void offer(float new_score, std::int32_t new_slice, std::int32_t new_shift) const {
    if (!(new_score > score[0] || (new_score == score[0] && new_slice < slice[0]))) return;
    score[0] = new_score;
    slice[0] = new_slice;
    shift[0] = new_shift;
    settle(0);
  }
};

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

void run(const CompareJob& job, const ComparePlan& plan, const float* phase, const CompareScratch& scratch,
         std::int64_t first_image, std::int64_t last_image) {
  const std::int64_t pixels = job.pixel_count - job.first_pixel;
  const std::int64_t norm_rows = (last_image - first_image + row_block - 1) / row_block * row_block;

  pack_norm_rows(job, first_image, last_image, scratch.norm_packed);
  for (std::int64_t panel = 0; panel < plan.panel_count; ++panel) {
    const float* power = job.slices + panel * pixels * pixel_stride + 2 * panel_width;
    for (std::int64_t row = 0; row < norm_rows; row += row_block) {
      multiply<1>(scratch.norm_packed + row * pixels, power, pixels, true,
                  scratch.norm + (panel * norm_rows + row) * panel_width);
    }
  }

  for (std::int64_t image = first_image; image < last_image; ++image) kept_of(job, image).order();
  PanelScores scores;
  for (std::int64_t first = first_image; first < last_image; first += plan.images_per_group) {
    const std::int64_t last = smaller(first + plan.images_per_group, last_image);
    const std::int64_t row_count = (last - first) * job.shift_count;
    whiten(job, first, last, scratch.whitened);
    pack_rows(scratch.whitened, phase, job.shift_count, pixels, row_count, scratch.packed);
    for (std::int64_t panel = 0; panel < plan.panel_count; ++panel) {
      const float* rows = scratch.packed;
      const float* values = job.slices + panel * pixels * pixel_stride;
      for (std::int64_t pixel = 0; pixel < pixels; pixel += pixel_block) {
        const std::int64_t count = smaller(pixel_block, pixels - pixel);
        for (std::int64_t row = 0; row < row_count; row += row_block) {
          multiply<2>(rows, values + pixel * pixel_stride, count, pixel == 0, scratch.products + row * panel_width);
          rows += 2 * count * row_block;
        }
      }
      for (std::int64_t image = first; image < last; ++image) {
        const float* norm = scratch.norm + (panel * norm_rows + image - first_image) * panel_width;
        float* products = scratch.products + (image - first) * job.shift_count * panel_width;
        const float* log_prior = job.log_shift_prior + image * job.shift_count;
        if (job.profile_scale) {
          score_panel<true>(products, norm, log_prior, job.shift_count, scores);
        } else {
          score_panel<false>(products, norm, log_prior, job.shift_count, scores);
        }
        merge_panel(job, image, panel, norm, scores);
      }
    }
  }
}

}  // namespace

CompareKernel compare_kernel() noexcept { return {row_block, run}; }

}  // namespace vitreous::VITREOUS_SIMD_NS
