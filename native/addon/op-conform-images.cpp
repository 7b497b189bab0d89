#include <algorithm>

#include "addon/registry.h"
#include "kernels/conform_images.h"

namespace vitreous {

static Device::Work parse_conform_images(Device&, const Args& args) {
  const auto box_px = args_int(args, "boxPx", 2, 32768);
  const auto in_box_px = args_int(args, "inBoxPx", 2, 16384);
  const auto image_count = args_int(args, "imageCount", 0);
  const auto pixel_count = args_int(args, "bandPixelCount", 1);
  const auto matrix = args_numbers(args, "matrix", 4);
  const double ctf_floor = args_double(args, "ctfFloor");
  const auto pixels = args_f32(args, "pixels", at_least(image_count * in_box_px * in_box_px));
  const auto factor = args_f32(args, "factor", at_least(2 * pixel_count));
  const auto ctf = args_f32_optional(args, "ctf", at_least(image_count * pixel_count));
  const auto kx = args_i32(args, "bandKx", at_least(pixel_count));
  const auto ky = args_i32(args, "bandKy", at_least(pixel_count));
  const auto out = args_f32(args, "out", at_least(image_count * box_px * box_px));
  return [=] {
    ConformImages batch{.box_px = box_px,
                        .in_box_px = in_box_px,
                        .image_count = image_count,
                        .pixels = pixels.data,
                        .matrix = {},
                        .factor = factor.data,
                        .ctf = ctf.data,
                        .ctf_floor = ctf_floor,
                        .band_kx = kx.data,
                        .band_ky = ky.data,
                        .pixel_count = pixel_count,
                        .out = out.data};
    std::copy(matrix.begin(), matrix.end(), batch.matrix);
    conform_images(batch);
  };
}
REGISTER_OP("conformImages", parse_conform_images);

}  // namespace vitreous
