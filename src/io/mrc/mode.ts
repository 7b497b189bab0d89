import { DataError } from "../../core/errors.ts";

/** MRC data modes that can be read: int8, int16, float32, uint16, float16. */
export type MrcMode = 0 | 1 | 2 | 6 | 12;

/** Modes that can be written: float32 and float16. */
export type MrcWriteMode = 2 | 12;

/** Modes of the format that hold no real-space density and are refused by name. */
const UNSUPPORTED: Readonly<Record<number, string>> = {
  3: "complex 16-bit integers",
  4: "complex 32-bit floats, a Fourier transform",
  16: "8-bit RGB",
  101: "4-bit integers",
};

const BYTES: Readonly<Record<MrcMode, number>> = { 0: 1, 1: 2, 2: 4, 6: 2, 12: 2 };

export function bytesPerPixel(mode: MrcMode): number {
  return BYTES[mode];
}

export function isReadableMode(mode: number): mode is MrcMode {
  return Object.hasOwn(BYTES, mode);
}

/** True for every mode the format knows, readable or not: evidence that a header is one. */
export function isKnownMode(mode: number): boolean {
  return isReadableMode(mode) || Object.hasOwn(UNSUPPORTED, mode);
}

export function expectReadableMode(where: string, mode: number): MrcMode {
  if (isReadableMode(mode)) return mode;
  const meaning = UNSUPPORTED[mode];
  const got = meaning === undefined ? `${mode}` : `${mode} (${meaning})`;
  throw new DataError(
    `${where}: expected MRC mode 0, 1, 2, 6 or 12 (real-space density), got mode ${got}. Convert the file to mode 2.`,
    { where, mode },
  );
}
