#include "addon/registry.h"
#include "kernels/fft.h"

namespace vitreous {

namespace {

// FFTW counts one dimension in an int; a plane's area in floats stays far below 2^63.
constexpr std::int64_t maximum_size_px = 32768;
constexpr std::int64_t maximum_count = std::int64_t{1} << 31;

std::int64_t half_complex_length(std::int64_t size_px, std::int64_t count) {
  return 2 * count * size_px * (size_px / 2 + 1);
}

// { real, complex, sizePx, depth = sizePx }: complex is overwritten, real is kept.
Device::Work parse_forward3(Device&, const Args& args) {
  const auto size_px = args_int(args, "sizePx", 1, maximum_size_px);
  const auto depth = args_int_or(args, "depth", size_px, 1, maximum_size_px);
  const auto real = args_f32(args, "real", at_least(depth * size_px * size_px));
  const auto complex = args_f32(args, "complex", at_least(half_complex_length(size_px, depth)));
  return [=] { fft_forward3(real.data, complex.data, size_px, depth); };
}
REGISTER_OP("fftForward3", parse_forward3);

// { real, complex, sizePx, depth = sizePx, isComplexScratch = false }: real is overwritten. Where isComplexScratch is
// true the transform is lost and no memory is needed; otherwise a copy of it is held while the op runs.
Device::Work parse_inverse3(Device& device, const Args& args) {
  const auto size_px = args_int(args, "sizePx", 1, maximum_size_px);
  const auto depth = args_int_or(args, "depth", size_px, 1, maximum_size_px);
  const auto real = args_f32(args, "real", at_least(depth * size_px * size_px));
  const auto complex = args_f32(args, "complex", at_least(half_complex_length(size_px, depth)));
  if (args_bool_or(args, "isComplexScratch", false)) {
    return [=] { fft_inverse3(complex.data, complex.data, real.data, size_px, depth); };
  }
  return [=, memory = device.memory()] {
    const Storage work(ElementType::f32, half_complex_length(size_px, depth), memory);
    fft_inverse3(complex.data, static_cast<float*>(work.data()), real.data, size_px, depth);
  };
}
REGISTER_OP("fftInverse3", parse_inverse3);

// { real, complex, sizePx, count }: complex is overwritten, real is kept.
Device::Work parse_forward2(Device&, const Args& args) {
  const auto size_px = args_int(args, "sizePx", 1, maximum_size_px);
  const auto count = args_int(args, "count", 0, maximum_count);
  const auto real = args_f32(args, "real", at_least(count * size_px * size_px));
  const auto complex = args_f32(args, "complex", at_least(half_complex_length(size_px, count)));
  return [=] { fft_forward2(real.data, complex.data, size_px, count); };
}
REGISTER_OP("fftForward2", parse_forward2);

// { real, complex, sizePx, count }: real is overwritten, complex is kept.
Device::Work parse_inverse2(Device&, const Args& args) {
  const auto size_px = args_int(args, "sizePx", 1, maximum_size_px);
  const auto count = args_int(args, "count", 0, maximum_count);
  const auto real = args_f32(args, "real", at_least(count * size_px * size_px));
  const auto complex = args_f32(args, "complex", at_least(half_complex_length(size_px, count)));
  return [=] { fft_inverse2(complex.data, real.data, size_px, count); };
}
REGISTER_OP("fftInverse2", parse_inverse2);

bool is_forward(const Args& args) {
  const std::string direction = args_string(args, "direction");
  if (direction != "forward" && direction != "inverse") args_fail(args, "direction", "forward or inverse", direction);
  return direction == "forward";
}

// { real, complex, sizePx, planeCount, direction, scale }: forward keeps real, inverse loses complex.
Device::Work parse_planes(Device&, const Args& args) {
  const auto size_px = args_int(args, "sizePx", 1, maximum_size_px);
  const auto count = args_int(args, "planeCount", 0, maximum_count);
  const auto scale = args_double(args, "scale");
  const auto real = args_f32(args, "real", at_least(count * size_px * size_px));
  const auto complex = args_f32(args, "complex", at_least(half_complex_length(size_px, count)));
  if (is_forward(args)) return [=] { fft_forward2(real.data, complex.data, size_px, count); };
  return [=] { fft_inverse_planes(complex.data, real.data, size_px, count, scale); };
}
REGISTER_OP("fftPlanes", parse_planes);

// { complex, depth, lineCount, direction }: in place.
Device::Work parse_lines(Device&, const Args& args) {
  const auto depth = args_int(args, "depth", 1, maximum_size_px);
  const auto lines = args_int(args, "lineCount", 0, std::int64_t{1} << 40);
  const auto complex = args_f32(args, "complex", at_least(2 * depth * lines));
  const bool forward = is_forward(args);
  return [=] { fft_lines(complex.data, depth, lines, forward); };
}
REGISTER_OP("fftLines", parse_lines);

}  // namespace

}  // namespace vitreous
