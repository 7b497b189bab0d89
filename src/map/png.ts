/**
 * A minimal PNG writer for grey pictures: 8 bits, stored (uncompressed) deflate blocks.
 *
 * Sources: PNG specification (ISO/IEC 15948), RFC 1950 (zlib), RFC 1951 (deflate). No compressor is needed for pictures
 * of a few hundred pixels, and this one runs where node's zlib does not.
 */

import { expectLength } from "../core/checks.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Largest stored block of deflate. */
const BLOCK_BYTES = 0xffff;

/** @param grey  [height × width], row by row from the top, 0 black */
export function makeGreyPng(grey: Uint8Array, width: number, height: number): Uint8Array {
  expectLength("png: grey", grey, width * height);
  const header = new Uint8Array(13);
  writeWord(header, 0, width);
  writeWord(header, 4, height);
  // 8 bits a sample, greyscale, deflate, adaptive filters, not interlaced.
  header.set([8, 0, 0, 0, 0], 8);
  const rows = new Uint8Array(height * (width + 1));
  for (let y = 0; y < height; y++) rows.set(grey.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const chunks = [chunk("IHDR", header), chunk("IDAT", stored(rows)), chunk("IEND", new Uint8Array(0))];
  const png = new Uint8Array(SIGNATURE.length + chunks.reduce((sum, part) => sum + part.length, 0));
  png.set(SIGNATURE);
  let offset = SIGNATURE.length;
  for (const part of chunks) {
    png.set(part, offset);
    offset += part.length;
  }
  return png;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + data.length);
  writeWord(out, 0, data.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(data, 8);
  writeWord(out, 8 + data.length, crc32(out.subarray(4, 8 + data.length)));
  return out;
}

/** A zlib stream of stored blocks. */
function stored(data: Uint8Array): Uint8Array {
  const blockCount = Math.max(1, Math.ceil(data.length / BLOCK_BYTES));
  const out = new Uint8Array(2 + 5 * blockCount + data.length + 4);
  // 32 KiB window, no preset dictionary; the pair is a multiple of 31.
  out.set([0x78, 0x01]);
  let offset = 2;
  for (let block = 0; block < blockCount; block++) {
    const part = data.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
    const length = part.length;
    out.set([block === blockCount - 1 ? 1 : 0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255], offset);
    out.set(part, offset + 5);
    offset += 5 + length;
  }
  writeWord(out, offset, adler32(data));
  return out;
}

function writeWord(out: Uint8Array, offset: number, word: number): void {
  out.set([word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255], offset);
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}
