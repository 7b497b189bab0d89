#pragma once

#include <string>
#include <vector>

namespace vitreous {

struct ProcessorFeature {
  const char* name;
  bool is_present;
};

// The brand string, "unknown" where the processor does not tell.
std::string processor_name();

// Features that kernels use or may use; AVX-512 and AMX count only where the operating system saves their registers.
std::vector<ProcessorFeature> processor_features();

}  // namespace vitreous
