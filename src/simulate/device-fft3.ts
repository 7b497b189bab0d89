import type { Device } from "../device/types.ts";
import { halfLength } from "../geometry/shells.ts";
import type { Fft3 } from "../map/fft3.ts";

/** The 3D transforms of a device in the form that map measurements ask for. */
export function deviceFft3(device: Device): Fft3 {
  return {
    async forward(real, boxPx) {
      using input = device.upload(real);
      using output = device.allocate("f32", 2 * boxPx * boxPx * halfLength(boxPx));
      device.fftForward3({ sizePx: boxPx, real: input, complex: output });
      return (await device.read(output)) as Float32Array;
    },
    async inverse(transform, boxPx) {
      using input = device.upload(transform);
      using output = device.allocate("f32", boxPx ** 3);
      device.fftInverse3({ sizePx: boxPx, real: output, complex: input });
      return (await device.read(output)) as Float32Array;
    },
  };
}
