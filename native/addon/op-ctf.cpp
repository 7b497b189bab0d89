#include "addon/registry.h"
#include "kernels/ctf.h"

namespace vitreous {

static Device::Work parse_ctf(Device&, const Args& args) {
  const auto box_px = args_int(args, "boxPx", 1);
  const auto pixel_count = args_int(args, "bandPixelCount", 0);
  const auto image_count = args_int(args, "imageCount", 0);
  const auto kx = args_i32(args, "bandKx", at_least(pixel_count));
  const auto ky = args_i32(args, "bandKy", at_least(pixel_count));
  const auto optics = args_f64(args, "optics", at_least(image_count * ctf_optics_fields));
  const auto out = args_f32(args, "out", at_least(image_count * pixel_count));
  return [=] { ctf(box_px, kx.data, ky.data, pixel_count, optics.data, image_count, out.data); };
}
REGISTER_OP("ctf", parse_ctf);

}  // namespace vitreous
