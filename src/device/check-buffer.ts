import { ShapeError, UsageError } from "../core/errors.ts";
import type { DeviceBuffer, ElementType } from "./buffer.ts";

/**
 * Throws ShapeError unless the buffer has this element type and at least `length` elements: ops read and write the first
 * `length`, so that one buffer can serve batches of several sizes.
 *
 * @param where  "op: argument", begins the message
 */
export function expectBuffer(where: string, buffer: DeviceBuffer, elementType: ElementType, length: number): void {
  if (buffer.elementType !== elementType || buffer.length < length) {
    throw new ShapeError(where, {
      expected: `at least ${length} elements of ${elementType}`,
      actual: `${buffer.length} of ${buffer.elementType}`,
    });
  }
}

/** Throws UsageError unless the number is an integer of at least `minimum`. */
export function expectCount(where: string, count: number, minimum = 0): void {
  if (!Number.isSafeInteger(count) || count < minimum) {
    throw new UsageError(`${where}: expected an integer of at least ${minimum}, got ${count}.`);
  }
}

/** Throws UsageError unless the box is even: shells, shifts and the centre floor(N/2) are defined for even boxes only. */
export function expectEvenBox(where: string, boxPx: number): void {
  if (!Number.isSafeInteger(boxPx) || boxPx < 2 || boxPx % 2 !== 0) {
    throw new UsageError(`${where}: expected an even box of at least 2 px, got ${boxPx}. Crop or pad to an even box.`);
  }
}
