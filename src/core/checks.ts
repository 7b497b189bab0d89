import { ShapeError, UsageError } from "./errors.ts";

/** Throws ShapeError unless the array has exactly `length` elements. */
export function expectLength(name: string, array: ArrayLike<unknown>, length: number): void {
  if (array.length !== length) {
    throw new ShapeError(name, {
      expected: `${length} elements`,
      actual: `${array.length} elements`,
    });
  }
}

/** Throws ShapeError unless the array has at least `length` elements. */
export function expectRoom(name: string, array: ArrayLike<unknown>, length: number): void {
  if (array.length < length) {
    throw new ShapeError(name, {
      expected: `at least ${length} elements`,
      actual: `${array.length} elements`,
    });
  }
}

export function expectFinite(name: string, value: number): void {
  if (!Number.isFinite(value)) fail(name, "a finite number", value);
}

export function expectPositive(name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) fail(name, "a number above 0", value);
}

/** low ≤ value ≤ high. */
export function expectRange(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) fail(name, `a number from ${low} to ${high}`, value);
}

/** An integer, low ≤ value ≤ high. */
export function expectInteger(
  name: string,
  value: number,
  low = Number.MIN_SAFE_INTEGER,
  high = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return;
  const range = high < Number.MAX_SAFE_INTEGER ? ` from ${low} to ${high}` : ` of at least ${low}`;
  fail(name, `an integer${low > Number.MIN_SAFE_INTEGER ? range : ""}`, value);
}

export function expectOneOf<T>(name: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) fail(name, `one of ${allowed.join(", ")}`, value);
  return value as T;
}

function fail(name: string, expected: string, actual: unknown): never {
  throw new UsageError(`${name}: expected ${expected}, got ${String(actual)}.`, {
    name,
    expected,
    actual,
  });
}
