#include "simd/compare_cells.h"

#include "simd/float8.h"
#include "simd/kept_slices.h"
#include "simd/vector.h"

// With z = conj(a X) S, the pixels +ky and -ky joined (p = z+ + z-, q = z+ - z-) and b = 2 pi ky ty / N, c = 2 pi kx tx / N:
//   Y(kx, ty) = sum over ky of  p cos b - i q sin b,      cross(tx, ty) = Re sum over kx of  Y e^(-i c).
// So 21 shifts cost five sums over all pixels, and 21 over the columns.

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

// Lanes added in pairs, always in this order.
VITREOUS_INLINE float total(vfloat v) {
  alignas(64) float lanes[lane_count];
  store(lanes, v);
  for (int width = lane_count / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; ++lane) lanes[lane] += lanes[lane + width];
  }
  return lanes[0];
}

// The lanes of each of eight vectors, added.
VITREOUS_INLINE float8 totals(const float8* v) {
  float8 half[2];
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i, v += 4) {
    const float8 ab = __builtin_shufflevector(v[0], v[1], 0, 8, 1, 9, 4, 12, 5, 13) +
                      __builtin_shufflevector(v[0], v[1], 2, 10, 3, 11, 6, 14, 7, 15);
    const float8 cd = __builtin_shufflevector(v[2], v[3], 0, 8, 1, 9, 4, 12, 5, 13) +
                      __builtin_shufflevector(v[2], v[3], 2, 10, 3, 11, 6, 14, 7, 15);
    half[i] = __builtin_shufflevector(ab, cd, 0, 1, 8, 9, 4, 5, 12, 13) +
              __builtin_shufflevector(ab, cd, 2, 3, 10, 11, 6, 7, 14, 15);
  }
  return join(low(half[0]), low(half[1])) + join(high(half[0]), high(half[1]));
}

void whiten(const CompareCellsJob& job, std::int64_t image, float* whitened) {
  const float* real = job.images + image * 2 * job.band_pixel_count;
  const float* imaginary = real + job.band_pixel_count;
  const float* ctf = job.ctf == nullptr ? nullptr : job.ctf + image * job.band_pixel_count;
  const float* inverse_sigma2 = job.inverse_sigma2 + job.group[image] * job.shell_count;
  const std::int32_t* source = job.column_source;
  for (std::int64_t half_row = 0; half_row < 2 * job.row_count; ++half_row, source += 8, whitened += 24) {
    for (int lane = 0; lane < 8; ++lane) {
      const std::int64_t pixel = source[lane];
      if (pixel < 0 || job.band_shell[pixel] >= job.shell_count) {
        whitened[lane] = whitened[8 + lane] = whitened[16 + lane] = 0.0f;
        continue;
      }
      const float contrast = ctf == nullptr ? job.scale[image] : job.scale[image] * ctf[pixel];
      const float weight = contrast * inverse_sigma2[job.band_shell[pixel]];
      whitened[lane] = weight * real[pixel];
      whitened[8 + lane] = weight * imaginary[pixel];
      whitened[16 + lane] = 0.5f * weight * contrast;
    }
  }
}

void lay_out_prior(const CompareCellsJob& job, std::int64_t image, std::int64_t reach, float* prior) {
  const std::int64_t stride = prior_stride(reach);
  const float* const log_prior = job.log_shift_prior + image * job.shift_count;
  for (std::int64_t i = 0; i < (2 * reach + 1) * stride; ++i) prior[i] = no_score;
  for (std::int64_t shift = 0; shift < job.shift_count; ++shift) {
    const std::int64_t x = job.shift_steps[2 * shift] + reach;
    const std::int64_t y = job.shift_steps[2 * shift + 1] + reach;
    prior[y * stride + x] = log_prior[shift];
  }
}

// Y of one chunk of columns under five shifts along y, and the power of the model.
struct Columns {
  float8 re[near_rows];
  float8 im[near_rows];
  float8 norm;
};

// `table` is that of the first of the five shifts, `stride` floats from that of the next.
VITREOUS_INLINE void sum_columns(const float* whitened, const float* slice_re, const float* slice_im, const float* table,
                                 std::int64_t stride, std::int64_t rows, Columns& out) {
  float8 re[near_rows], im[near_rows];
  for (int y = 0; y < near_rows; ++y) re[y] = im[y] = broadcast8(0);
  float8 norm = out.norm;
  for (std::int64_t row = 0; row < rows; ++row, whitened += 48, slice_re += 16, slice_im += 16, table += 16) {
    float8 z_re[2], z_im[2];
#pragma GCC unroll 2
    for (int sign = 0; sign < 2; ++sign) {
      const float8 s_re = load8(slice_re + 8 * sign);
      const float8 s_im = load8(slice_im + 8 * sign);
      const float8 x_re = load8(whitened + 24 * sign);
      const float8 x_im = load8(whitened + 24 * sign + 8);
      norm = fma(load8(whitened + 24 * sign + 16), fma(s_re, s_re, s_im * s_im), norm);
      z_re[sign] = fma(x_re, s_re, x_im * s_im);
      z_im[sign] = fma(x_re, s_im, -(x_im * s_re));
    }
    const float8 p_re = z_re[0] + z_re[1];
    const float8 p_im = z_im[0] + z_im[1];
    const float8 q_re = z_re[1] - z_re[0];  // negative
    const float8 q_im = z_im[0] - z_im[1];
#pragma GCC unroll 5
    for (int y = 0; y < near_rows; ++y) {
      const float8 cosine = load8(table + y * stride);
      const float8 sine = load8(table + y * stride + 8);
      re[y] = fma(sine, q_im, fma(cosine, p_re, re[y]));
      im[y] = fma(sine, q_re, fma(cosine, p_im, im[y]));
    }
  }
  for (int y = 0; y < near_rows; ++y) {
    out.re[y] = re[y];
    out.im[y] = im[y];
  }
  out.norm = norm;
}

struct CellScore {
  float score;
  std::int32_t shift;
};

CellScore score_cell(const CompareCellsJob& job, const CompareCellsTables& tables, const CompareCellsScratch& scratch,
                     std::int64_t cell) {
  const std::int64_t shift = job.cell_shift[cell];
  const std::int64_t first_x = job.shift_steps[2 * shift] + tables.reach - 2;
  const std::int64_t first_y = job.shift_steps[2 * shift + 1] + tables.reach - 2;
  const float* const slice_re = job.slices + job.cell_slice[cell] * 32 * job.row_count;
  const float* const slice_im = slice_re + 16 * job.row_count;
  const std::int64_t stride_y = 16 * job.row_count;
  const std::int64_t stride_x = 16 * job.chunk_count;

  // 21 of them; three stay 0.
  float8 cross[24];
  for (float8& c : cross) c = broadcast8(0);
  Columns columns;
  columns.norm = broadcast8(0);
  for (std::int64_t chunk = 0; chunk < job.chunk_count; ++chunk) {
    const std::int64_t first = job.chunk_start[chunk];
    sum_columns(scratch.whitened + 48 * first, slice_re + 16 * first, slice_im + 16 * first,
                tables.phase_y + first_y * stride_y + 16 * first, stride_y, job.chunk_start[chunk + 1] - first, columns);
    const float* const table = tables.phase_x + first_x * stride_x + 16 * chunk;
    int at = 0;
#pragma GCC unroll 5
    for (int y = 0; y < near_rows; ++y) {
#pragma GCC unroll 5
      for (int x = near_first_x[y] + 2; x < near_first_x[y] + 2 + near_count_x[y]; ++x, ++at) {
        cross[at] = fma(load8(table + x * stride_x), columns.re[y],
                        fma(load8(table + x * stride_x + 8), columns.im[y], cross[at]));
      }
    }
  }

  // Rows of priors laid one behind the other, the end of each under the beginning of the next.
  alignas(64) float values[32];
  for (float& value : values) value = no_score;
  const std::int64_t prior_row = prior_stride(tables.reach);
  const float* prior = scratch.prior + first_y * prior_row + first_x;
  int at = 0;
  for (int y = 0; y < near_rows; ++y, prior += prior_row) {
    store8(values + at, load8(prior + near_first_x[y] + 2));
    at += near_count_x[y];
  }
  for (int i = near_count; i < 32; ++i) values[i] = no_score;

  const float8 norm = broadcast8(sum(columns.norm));
  float8 greatest = broadcast8(no_score);
  for (int i = 0; i < 24; i += 8) {
    const float8 value = (totals(cross + i) - norm) + load8(values + i);
    store8(values + i, value);
    greatest = value > greatest ? value : greatest;
  }
  float largest = greatest[0];
  for (int lane = 1; lane < 8; ++lane) largest = greatest[lane] > largest ? greatest[lane] : largest;
  int best = 0;
  while (best < near_count && values[best] != largest) ++best;
  // A NaN among the values is not the largest, yet makes the sum one.
  vfloat sum_of_exp = spread(0.0f);
  for (int i = 0; i < near_count; i += lane_count) {
    sum_of_exp = add(sum_of_exp, exp_nonpositive(sub(load(values + i), spread(largest))));
  }
  alignas(64) float logarithm[lane_count];
  store(logarithm, log_positive(spread(total(sum_of_exp))));
  if (best == near_count) return {__builtin_nanf(""), static_cast<std::int32_t>(shift)};
  std::int64_t y = 0;
  while (best >= near_count_x[y]) best -= near_count_x[y++];
  const std::int64_t x = first_x + 2 + near_first_x[y] + best;
  return {largest + logarithm[0], tables.shift_at[(first_y + y) * (2 * tables.reach + 1) + x]};
}

}  // namespace

void compare_cells_of_image(const CompareCellsJob& job, const CompareCellsTables& tables,
                            const CompareCellsScratch& scratch, std::int64_t image) {
  whiten(job, image, scratch.whitened);
  lay_out_prior(job, image, tables.reach, scratch.prior);
  const std::int64_t first_kept = image * job.keep_count;
  const Kept kept = {job.top_score + first_kept, job.top_slice + first_kept, job.top_shift + first_kept, job.keep_count};
  kept.order();
  double* const evidence = job.evidence + 2 * image;
  for (std::int64_t cell = job.cell_start[image]; cell < job.cell_start[image + 1]; ++cell) {
    const CellScore found = score_cell(job, tables, scratch, cell);
    const double score = static_cast<double>(found.score);
    if (score > evidence[0]) {
      evidence[1] = evidence[1] * __builtin_exp(evidence[0] - score) + 1.0;
      evidence[0] = score;
    } else {
      evidence[1] += __builtin_exp(score - evidence[0]);
    }
    if (kept.count > 0) {
      kept.offer(found.score, static_cast<std::int32_t>(job.first_slice) + job.cell_slice[cell], found.shift);
    }
  }
}

}  // namespace vitreous::VITREOUS_SIMD_NS
