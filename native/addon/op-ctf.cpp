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
  const auto envelope = args_f64_optional(args, "envelope", at_least(2 * image_count));
  const auto even_phase_rows = args_int_or(args, "evenPhaseRowCount", 0, 0);
  const auto even_phase = args_f64_optional(args, "evenPhase", at_least(even_phase_rows * pixel_count));
  const auto even_phase_row = args_i32_optional(args, "evenPhaseRow", at_least(image_count));
  if (even_phase && !even_phase_row) args_fail(args, "evenPhaseRow", "a buffer with evenPhase", "none");
  return [=] {
    ctf({.box_px = box_px,
         .kx = kx.data,
         .ky = ky.data,
         .pixel_count = pixel_count,
         .optics = optics.data,
         .image_count = image_count,
         .envelope = envelope.data,
         .even_phase = even_phase.data,
         .even_phase_row = even_phase_row.data,
         .even_phase_rows = even_phase_rows,
         .out = out.data});
  };
}
REGISTER_OP("ctf", parse_ctf);

}  // namespace vitreous
