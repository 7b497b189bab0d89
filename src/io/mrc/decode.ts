import { floatsFromHalvesInto } from "./half.ts";
import type { MrcHeader } from "./header.ts";
import { bytesPerPixel } from "./mode.ts";

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Stored pixels to float32.
 *
 * @param out  overwritten from `outStart`
 * @param bytes  whole pixels in the file's mode and byte order; not changed
 */
export function decodePixelsInto(
  out: Float32Array,
  outStart: number,
  bytes: Uint8Array,
  header: Pick<MrcHeader, "mode" | "isLittleEndian">,
): void {
  const width = bytesPerPixel(header.mode);
  const count = bytes.length / width;
  const swapped = width > 1 && header.isLittleEndian !== HOST_IS_LITTLE_ENDIAN;
  const aligned = swapped || bytes.byteOffset % width !== 0 ? new Uint8Array(bytes) : bytes;
  if (swapped) swapInPlace(aligned, width);
  const { buffer, byteOffset } = aligned;
  switch (header.mode) {
    case 0:
      out.set(new Int8Array(buffer, byteOffset, count), outStart);
      return;
    case 1:
      out.set(new Int16Array(buffer, byteOffset, count), outStart);
      return;
    case 2:
      out.set(new Float32Array(buffer, byteOffset, count), outStart);
      return;
    case 6:
      out.set(new Uint16Array(buffer, byteOffset, count), outStart);
      return;
    case 12:
      floatsFromHalvesInto(out, outStart, new Uint16Array(buffer, byteOffset, count), 0, count);
      return;
    default:
      header.mode satisfies never;
  }
}

function swapInPlace(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width) {
    for (let low = start, high = start + width - 1; low < high; low++, high--) {
      const kept = bytes[low] as number;
      bytes[low] = bytes[high] as number;
      bytes[high] = kept;
    }
  }
}
