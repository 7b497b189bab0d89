#include "simd/score_points.h"

#include "simd/phase_table.h"
#include "simd/slice_patch.h"

// With z = conj(a X) S, the rows +ky and -ky joined (p = z+ + z-, q = z+ - z-) and c + i s = exp(2 pi i ky ty / N):
//   cross = sum over ky of  c sum_kx (cos p_re + sin p_im) + s sum_kx (cos q_im - sin q_re),  cos, sin of 2 pi kx tx / N,
// two multiplications per pixel and shift, and no sine or cosine in the loop.

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

// Rows of patches whose sums are taken in single precision before they join a double-precision total.
constexpr std::int32_t rows_per_sum = 32;

// A projected row of a patch joined with the image.
struct JoinedRow {
  float8 p_re, p_im, q_im, negative_q_re;
};

// `weighted`: aX re, aX im, 1/2 a scale C of +ky, then of -ky.
VITREOUS_INLINE JoinedRow join_row(const float* weighted, const PatchPoints& points, std::int32_t at, float8& norm) noexcept {
  float8 z_re[2], z_im[2];
#pragma GCC unroll 2
  for (int side = 0; side < 2; ++side, weighted += 24) {
    float8 re, im;
    slice8(points, at + 8 * side, re, im);
    const float8 x_re = load8(weighted);
    const float8 x_im = load8(weighted + 8);
    norm = fma(load8(weighted + 16), fma(re, re, im * im), norm);
    z_re[side] = fma(x_re, re, x_im * im);
    z_im[side] = fma(x_re, im, -(x_im * re));
  }
  return {z_re[0] + z_re[1], z_im[0] + z_im[1], z_im[0] - z_im[1], z_re[1] - z_re[0]};
}

// Adds the row's cross term under `Count` shifts to their sums. A table is cos, sin of eight kx by turns, then cos, sin of each ky.
template <int Count>
VITREOUS_INLINE void add_cross(const ScoreGroupJob& job, const PatchRow& row, const JoinedRow& joined, const float* tables,
                               float* sums) noexcept {
  const std::int64_t stride = 2 * (job.table_x + job.table_y);
  const float* table_x = tables + 2 * row.first_kx;
  const float* table_y = tables + 2 * (job.table_x + row.ky);
#pragma GCC unroll 4
  for (int t = 0; t < Count; ++t) {
    const float8 cosine = load8(table_x + t * stride);
    const float8 sine = load8(table_x + t * stride + 8);
    const float8 even = fma(cosine, joined.p_re, sine * joined.p_im);
    const float8 odd = fma(cosine, joined.q_im, sine * joined.negative_q_re);
    const float8 c = broadcast8(table_y[t * stride]);
    const float8 s = broadcast8(table_y[t * stride + 1]);
    store8(sums + 8 * t, fma(c, even, fma(s, odd, load8(sums + 8 * t))));
  }
}

void score_patch(const ScoreGroupJob& job, const SlicePatch& patch, const VoxelRows& voxels, PatchPoints& points) noexcept {
  const PatchRow* rows = job.rows + patch.first_row;
  const float* weighted = job.weighted + patch.first_row * score_row_floats;
  const std::int64_t shifts = job.shift_count;
  const std::int64_t stride = 2 * (job.table_x + job.table_y);
  for (std::int64_t first = 0; first < job.rotation_count; first += patch_rotations) {
    const std::int64_t left = job.rotation_count - first;
    const auto count = static_cast<std::int32_t>(left < patch_rotations ? left : patch_rotations);
    locate_patch(job.volume, rows, job.kx + 8 * patch.first_row, patch.row_count, job.planes + first, count, points);
    interpolate_patch(voxels, rows, patch.row_count, count, points);
    std::int32_t at = 0;
    for (std::int64_t m = first; m < first + count; ++m) {
      float* sums = job.sums + 8 * m * (shifts + 1);
      float8 norm = load8(sums);
      for (std::int32_t r = 0; r < patch.row_count; ++r, at += 16) {
        const JoinedRow joined = join_row(weighted + r * score_row_floats, points, at, norm);
        const float* tables = job.tables + m * shifts * stride;
        float* cross = sums + 8;
        std::int64_t t = 0;
        for (; t + 4 <= shifts; t += 4) add_cross<4>(job, rows[r], joined, tables + t * stride, cross + 8 * t);
        for (; t + 2 <= shifts; t += 2) add_cross<2>(job, rows[r], joined, tables + t * stride, cross + 8 * t);
        for (; t < shifts; ++t) add_cross<1>(job, rows[r], joined, tables + t * stride, cross + 8 * t);
      }
      store8(sums, norm);
    }
  }
}

// Adds the single-precision sums to the totals and begins them anew.
void total_sums(const ScoreGroupJob& job) noexcept {
  for (std::int64_t i = 0; i < job.rotation_count * (job.shift_count + 1); ++i) {
    job.totals[i] += static_cast<double>(sum(load8(job.sums + 8 * i)));
    store8(job.sums + 8 * i, broadcast8(0));
  }
}

}  // namespace

void score_group(const ScoreGroupJob& job) noexcept {
  const std::int64_t shifts = job.shift_count;
  for (std::int64_t point = 0; point < job.rotation_count * shifts; ++point) {
    const float* shift = job.shifts_px + 2 * point;
    float* table = job.tables + point * 2 * (job.table_x + job.table_y);
    phase_tables(static_cast<double>(shift[0]) / job.box_px, job.table_x, table,
                 static_cast<double>(shift[1]) / job.box_px, job.table_y, table + 2 * job.table_x);
  }
  for (std::int64_t i = 0; i < job.rotation_count * (shifts + 1); ++i) {
    job.totals[i] = i % (shifts + 1) == 0 ? job.starts[i / (shifts + 1)] : 0;
    store8(job.sums + 8 * i, broadcast8(0));
  }

  const VoxelRows voxels = voxel_rows(job.volume);
  PatchPoints points;
  // Pairs beyond a row's end are not written: whatever they hold meets the weight 0, so it must be finite.
  for (float& value : points.pair) value = 0;
  std::int32_t rows = 0;
  for (const SlicePatch* patch = job.patches; patch < job.patches + job.patch_count; ++patch) {
    score_patch(job, *patch, voxels, points);
    rows += patch->row_count;
    if (rows < rows_per_sum) continue;
    total_sums(job);
    rows = 0;
  }
  total_sums(job);
  for (std::int64_t m = 0; m < job.rotation_count; ++m) {
    const double* totals = job.totals + m * (shifts + 1);
    for (std::int64_t t = 0; t < shifts; ++t) job.out[m * shifts + t] = static_cast<float>(totals[t + 1] - totals[0]);
  }
}

}  // namespace vitreous::VITREOUS_SIMD_NS
