#include "addon/insert-args.h"
#include "addon/registry.h"

namespace vitreous {

static Device::Work parse_insert(Device&, const Args& args) {
  const InsertArgs insertion(args);
  const auto side = 2 * insertion.op.radius + 3;
  const auto accumulator = args_i64(args, "accumulator", at_least(3 * side * side * (insertion.op.radius + 2)));
  return [=] {
    Insert op = insertion.op;
    op.accumulator = accumulator.data;
    insert(op);
  };
}
REGISTER_OP("insert", parse_insert);

}  // namespace vitreous
