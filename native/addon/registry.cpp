#include "addon/registry.h"

#include <map>

namespace vitreous {

namespace {

// A function's static, so that it exists before the first static registration of any file.
std::map<std::string, ParseOp>& registry() {
  static std::map<std::string, ParseOp> ops;
  return ops;
}

}  // namespace

bool register_op(const char* name, ParseOp parse) { return registry().emplace(name, parse).second; }

ParseOp find_op(const std::string& name) {
  const auto found = registry().find(name);
  return found == registry().end() ? nullptr : found->second;
}

std::vector<std::string> op_names() {
  std::vector<std::string> names;
  for (const auto& [name, parse] : registry()) names.push_back(name);
  return names;
}

}  // namespace vitreous
