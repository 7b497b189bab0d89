#pragma once

#include <cstdint>

namespace vitreous {

// The mixture density of one image's points, without its constant factor.
struct ProposalDensityJob {
  std::int64_t padded_count;        // room for parents, a multiple of 8
  std::int64_t used_count;          // columns in use, a multiple of 8
  float* parents;                   // [7][padded]: w, x, y, z, shift x, shift y, weight
  float* rotation_weights;          // scratch [padded]: weight times the rotation's kernel about one mate of each parent
  float* centres;                   // scratch [2][padded]: where the parents' shifts go with that turn
  std::int32_t degrees_of_freedom;
  float inverse_rotation[6];        // lower triangle of L^-1
  float follow[6];                  // shift per scaled turn: L30 L31 L32 L40 L41 L42
  float inverse_shift[3];
  float negligible_cosine;          // eight parents whose mate all lie beyond it are passed over (identity excepted)
  const float* symmetry;            // [symmetry_count][4]
  std::int64_t symmetry_count;
  std::int64_t rotation_count;
  std::int64_t shift_count;
  const float* rotations;           // [rotations][4]
  const float* shifts_px;           // [rotations][shifts][2]
  float* out;                       // [rotations][shifts]: sum over parents of weight, rotation kernel and shift kernel
};

namespace sse2 {
void proposal_density(const ProposalDensityJob& job) noexcept;
}
namespace avx2 {
void proposal_density(const ProposalDensityJob& job) noexcept;
}
namespace avx512 {
void proposal_density(const ProposalDensityJob& job) noexcept;
}

}  // namespace vitreous
