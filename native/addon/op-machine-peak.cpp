#include "addon/registry.h"
#include "kernels/machine_peak.h"

namespace vitreous {

// { what: "multiplyAdd", rounds, work } | { what: "copy", rounds, from, to, work } | { what: "gather", rounds, table, work }
// work, f64 [1]: flops, bytes or loads of all threads. Only bench/ calls it; no device op stands for it.
static Device::Work parse_machine_peak(Device&, const Args& args) {
  const std::string what = args_string(args, "what");
  const auto rounds = args_int(args, "rounds", 1);
  const auto work = args_f64(args, "work", 1);
  if (what == "multiplyAdd") return [=] { work.data[0] = machine_multiply_add(rounds); };
  if (what == "copy") {
    const auto from = args_f32(args, "from");
    const auto to = args_f32(args, "to", from.length);
    return [=] { work.data[0] = machine_copy(from.data, to.data, from.length, rounds); };
  }
  if (what != "gather") args_fail(args, "what", "multiplyAdd, copy or gather", what);
  const auto table = args_f32(args, "table");
  if (table.length < 8 || (table.length & (table.length - 1)) != 0) {
    args_fail(args, "table", "a power of two of at least 8 elements", std::to_string(table.length));
  }
  return [=] { work.data[0] = machine_gather(table.data, table.length, rounds); };
}
REGISTER_OP("machinePeak", parse_machine_peak);

}  // namespace vitreous
