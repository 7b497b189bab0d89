import { makeSignal } from "./backends.ts";
import type { Case } from "./matrix-cases.ts";

const zeros = (length: number) => new Float32Array(length);

/** Calls of the transforms. */
export const FFT_CASES: { readonly fftForward3: Case; readonly fftInverse3: Case } = {
  fftForward3: {
    arrays: { real: makeSignal(9 ** 3, 31), complex: zeros(2 * 81 * 5) },
    numbers: { sizePx: 9 },
    outputs: ["complex"],
    tolerance: 1e-6,
  },
  fftInverse3: {
    arrays: { real: zeros(10 ** 3), complex: makeSignal(2 * 100 * 6, 32) },
    numbers: { sizePx: 10 },
    outputs: ["real"],
    tolerance: 1e-6,
  },
};
