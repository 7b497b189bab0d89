#pragma once

// Ops register themselves, so that adding one is adding native/addon/op-<name>.cpp.

#include <functional>
#include <string>
#include <vector>

#include "addon/args.h"
#include "addon/executor.h"

namespace vitreous {

// Checks the arguments on the JavaScript thread and returns what the executor thread shall do. The closure must not
// touch any Napi object; it may throw std::exception, whose text reaches the next read() or idle().
using ParseOp = Device::Work (*)(Device& device, const Args& args);

bool register_op(const char* name, ParseOp parse);
ParseOp find_op(const std::string& name);
std::vector<std::string> op_names();

}  // namespace vitreous

// At namespace scope, once per op: REGISTER_OP("project", parse_project)
#define VITREOUS_JOIN_(a, b) a##b
#define VITREOUS_JOIN(a, b) VITREOUS_JOIN_(a, b)
#define REGISTER_OP(name, parse) \
  [[maybe_unused]] static const bool VITREOUS_JOIN(is_registered_, __LINE__) = ::vitreous::register_op(name, parse)
