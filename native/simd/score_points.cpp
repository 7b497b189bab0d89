#include "simd/score_points.h"

#include "simd/phase_table.h"
#include "simd/slice_rows.h"

// With z = conj(a X) S, the rows +ky and -ky joined (p = z+ + z-, q = z+ - z-) and c + i s = exp(2 pi i ky ty / N):
//   cross = sum over ky of  c sum_kx (cos p_re + sin p_im) + s sum_kx (cos q_im - sin q_re),  cos, sin of 2 pi kx tx / N,
// two multiplications per pixel and shift, and no sine or cosine in the loop.

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

// A projected block joined with the image: p_re, p_im, q_im, -q_re of each position.
struct JoinedBlock {
  alignas(64) float part[4][RowGrid::max_run];
};

// Projects one block, joins its +ky and -ky rows and returns its norm.
double join_block(const ScoreGroupJob& job, const RowBlock& block, const SlicePlane& plane, BlockPoints& points,
                  JoinedBlock& joined) noexcept {
  const RowRun* runs = job.runs + block.first_run;
  locate_block(job, runs, block.run_count, plane, points);
  const VoxelRows rows = voxel_rows(job);
  const float* weighted = job.weighted + block.first_group * score_group_floats;
  float8 norm = broadcast8(0);
  std::int32_t at = 0;
  for (std::int32_t r = 0; r < block.run_count; ++r) {
    std::int32_t position = runs[r].offset;
    for (std::int32_t i = 0; i < runs[r].count; i += 4, at += 8, position += 4, weighted += score_group_floats) {
      float8 re, im;
      fetch8(rows, points, at, re, im);
      const float8 x_re = load8(weighted);
      const float8 x_im = load8(weighted + 8);
      norm = fma(load8(weighted + 16), fma(re, re, im * im), norm);
      const float8 z_re = fma(x_re, re, x_im * im);
      const float8 z_im = fma(x_re, im, -(x_im * re));
      store4(joined.part[0] + position, low(z_re) + high(z_re));
      store4(joined.part[1] + position, low(z_im) + high(z_im));
      store4(joined.part[2] + position, low(z_im) - high(z_im));
      store4(joined.part[3] + position, high(z_re) - low(z_re));
    }
    if (position % 8 != 0) {
      for (int part = 0; part < 4; ++part) store4(joined.part[part] + position, broadcast4(0));
    }
  }
  return static_cast<double>(sum(norm));
}

// Adds the block's cross term under `Count` shifts, whose tables follow each other, to cross[0 .. Count - 1].
template <int Count>
VITREOUS_INLINE void cross_block(const ScoreGroupJob& job, const RowBlock& block, const float* tables,
                                 const JoinedBlock& joined, double* cross) noexcept {
  const std::int64_t stride = 2 * (job.table_x + job.table_y);
  float8 total[Count];
  for (int t = 0; t < Count; ++t) total[t] = broadcast8(0);
  for (const RowRun* run = job.runs + block.first_run; run < job.runs + block.first_run + block.run_count; ++run) {
    float8 even[Count], odd[Count];
    for (int t = 0; t < Count; ++t) even[t] = odd[t] = broadcast8(0);
    const float* table_x = tables + run->first_kx;
    for (std::int32_t i = 0; i < run->count; i += 8) {
      const float8 p_re = load8(joined.part[0] + run->offset + i);
      const float8 p_im = load8(joined.part[1] + run->offset + i);
      const float8 q_im = load8(joined.part[2] + run->offset + i);
      const float8 q_re = load8(joined.part[3] + run->offset + i);
#pragma GCC unroll 4
      for (int t = 0; t < Count; ++t) {
        const float8 cosine = load8(table_x + t * stride + i);
        const float8 sine = load8(table_x + t * stride + job.table_x + i);
        even[t] = fma(cosine, p_re, fma(sine, p_im, even[t]));
        odd[t] = fma(cosine, q_im, fma(sine, q_re, odd[t]));
      }
    }
#pragma GCC unroll 4
    for (int t = 0; t < Count; ++t) {
      const float* table_y = tables + t * stride + 2 * job.table_x + run->ky;
      total[t] = fma(broadcast8(table_y[0]), even[t], fma(broadcast8(table_y[job.table_y]), odd[t], total[t]));
    }
  }
  for (int t = 0; t < Count; ++t) cross[t] += static_cast<double>(sum(total[t]));
}

}  // namespace

void score_group(const ScoreGroupJob& job) noexcept {
  const std::int64_t shifts = job.shift_count;
  const std::int64_t stride = 2 * (job.table_x + job.table_y);
  for (std::int64_t point = 0; point < job.rotation_count * shifts; ++point) {
    const float* shift = job.shifts_px + 2 * point;
    float* table = job.tables + point * stride;
    phase_tables(static_cast<double>(shift[0]) / job.box_px, job.table_x, table,
                 static_cast<double>(shift[1]) / job.box_px, job.table_y, table + 2 * job.table_x);
    job.cross[point] = 0;
  }
  for (std::int64_t m = 0; m < job.rotation_count; ++m) job.norm[m] = job.planes[m].start;

  BlockPoints points;
  JoinedBlock joined;
  for (const RowBlock* block = job.blocks; block < job.blocks + job.block_count; ++block) {
    for (std::int64_t m = 0; m < job.rotation_count; ++m) {
      job.norm[m] += join_block(job, *block, job.planes[m], points, joined);
      const float* tables = job.tables + m * shifts * stride;
      double* cross = job.cross + m * shifts;
      std::int64_t t = 0;
      for (; t + 4 <= shifts; t += 4) cross_block<4>(job, *block, tables + t * stride, joined, cross + t);
      for (; t + 2 <= shifts; t += 2) cross_block<2>(job, *block, tables + t * stride, joined, cross + t);
      for (; t < shifts; ++t) cross_block<1>(job, *block, tables + t * stride, joined, cross + t);
    }
  }
  for (std::int64_t m = 0; m < job.rotation_count; ++m) {
    for (std::int64_t t = 0; t < shifts; ++t) {
      job.out[m * shifts + t] = static_cast<float>(job.cross[m * shifts + t] - job.norm[m]);
    }
  }
}

}  // namespace vitreous::VITREOUS_SIMD_NS
