#include "addon/registry.h"
#include "kernels/prepare_images.h"

namespace vitreous {

static Device::Work parse_prepare_images(Device&, const Args& args) {
  const auto box_px = args_int(args, "boxPx", 2, 32768);
  const auto image_count = args_int(args, "imageCount", 0);
  const auto pixel_count = args_int(args, "bandPixelCount", 0);
  const auto shell_count = args_int(args, "shellCount", 0);
  const double mask_radius_px = args_double(args, "maskRadiusPx");
  const double mask_edge_px = args_double(args, "maskEdgePx");
  const bool is_masked = mask_radius_px > 0;
  const auto pixels = args_f32(args, "pixels", at_least(image_count * box_px * box_px));
  const auto gain = args_f32(args, "gain", at_least(image_count));
  const auto recentre_px = args_i32(args, "recentrePx", at_least(2 * image_count));
  const auto sigma2 = args_f32(args, "sigma2", at_least(is_masked ? shell_count : 0));
  const auto group = args_i32(args, "group", at_least(is_masked ? image_count : 0));
  const auto noise_key = args_u32(args, "noiseKey", at_least(is_masked ? 2 * image_count : 0));
  const auto kx = args_i32(args, "bandKx", at_least(pixel_count));
  const auto ky = args_i32(args, "bandKy", at_least(pixel_count));
  const auto out = args_f32(args, "out", at_least(2 * image_count * pixel_count));
  return [=] {
    prepare_images({.box_px = box_px,
                    .image_count = image_count,
                    .pixels = pixels.data,
                    .gain = gain.data,
                    .recentre_px = recentre_px.data,
                    .mask_radius_px = mask_radius_px,
                    .mask_edge_px = mask_edge_px,
                    .sigma2 = sigma2.data,
                    .group_count = shell_count > 0 ? sigma2.length / shell_count : 0,
                    .shell_count = shell_count,
                    .group = group.data,
                    .noise_key = noise_key.data,
                    .band_kx = kx.data,
                    .band_ky = ky.data,
                    .pixel_count = pixel_count,
                    .out = out.data});
  };
}
REGISTER_OP("prepareImages", parse_prepare_images);

}  // namespace vitreous
