#include "addon/registry.h"
#include "kernels/reference_volume.h"

namespace vitreous {

static Device::Work parse_reference_volume(Device&, const Args& args) {
  const auto box_px = args_int(args, "boxPx", 2, 16384);
  const auto size = static_cast<std::int64_t>(args_double(args, "paddingFactor") * static_cast<double>(box_px));
  const auto radius = args_int(args, "volumeRadiusPx", 0, 32768);
  const auto map = args_f32(args, "map", at_least(box_px * box_px * box_px));
  const auto volume =
      args_f32(args, "volume", at_least((2 * radius + 3) * (2 * radius + 3) * (radius + 2) * 2));
  return [=] { reference_volume(map.data, box_px, size, radius, volume.data); };
}
REGISTER_OP("referenceVolume", parse_reference_volume);

}  // namespace vitreous
