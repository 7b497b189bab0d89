#include <stdexcept>

#include "addon/registry.h"

namespace vitreous {

// { message }: fails on the executor thread with that text. How a kernel's failure reaches JavaScript is tested with it.
static Device::Work parse_fail(Device&, const Args& args) {
  const std::string message = args_string(args, "message");
  return [message] { throw std::runtime_error(message); };
}
REGISTER_OP("fail", parse_fail);

}  // namespace vitreous
