import { UsageError } from "../../core/errors.ts";

/** Throws UsageError unless the padded side paddingFactor · boxPx is an even integer of at least boxPx. */
export function expectPaddedSize(where: string, boxPx: number, paddingFactor: number): void {
  const size = paddingFactor * boxPx;
  if (!Number.isSafeInteger(size) || size % 2 !== 0 || size < boxPx) {
    throw new UsageError(
      `${where}: expected a factor of at least 1 that makes ${boxPx} px an even whole number, got ${paddingFactor}. Use 2.`,
    );
  }
}

/** (sin(πx)/(πx))²: transform of the linear interpolation kernel. */
export function sincSquared(x: number): number {
  if (x === 0) return 1;
  const sinc = Math.sin(Math.PI * x) / (Math.PI * x);
  return sinc * sinc;
}
