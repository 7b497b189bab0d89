import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import { fscPlot } from "../../src/map/fsc-plot.ts";
import { makeGreyPng } from "../../src/map/png.ts";
import { slicesPicture } from "../../src/map/slices-picture.ts";
import { noise } from "./plain-fft.ts";

/** Grey values of a PNG, by node's own inflate, which checks the Adler sum. */
function readGrey(png: Uint8Array): { readonly width: number; readonly height: number; readonly grey: number[] } {
  const view = Buffer.from(png);
  expect([...view.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = new Map<string, Buffer>();
  for (let offset = 8; offset < view.length; ) {
    const length = view.readUInt32BE(offset);
    chunks.set(view.toString("latin1", offset + 4, offset + 8), view.subarray(offset + 8, offset + 8 + length));
    offset += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(["IHDR", "IDAT", "IEND"]);
  const header = chunks.get("IHDR")!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const rows = inflateSync(chunks.get("IDAT")!);
  const grey = Array.from({ length: height }, (_, y) => {
    expect(rows[y * (width + 1)]).toBe(0);
    return [...rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1))];
  });
  return { width, height, grey: grey.flat() };
}

describe("the PNG writer", () => {
  test("a picture of another size is refused", () => {
    expect(() => makeGreyPng(new Uint8Array(7), 2, 4)).toThrow(ShapeError);
  });

  test.each([
    [3, 5],
    [300, 400],
  ])("%i × %i grey values come back through another decoder, over several blocks", (width, height) => {
    const grey = Uint8Array.from({ length: width * height }, (_, i) => (i * 7 + (i >> 8)) & 255);
    expect(readGrey(makeGreyPng(grey, width, height))).toEqual({ width, height, grey: [...grey] });
  });

  test("its checksum is the CRC-32 of the specification: IEND ends in AE 42 60 82", () => {
    expect([...makeGreyPng(new Uint8Array(1), 1, 1).slice(-4)]).toEqual([0xae, 0x42, 0x60, 0x82]);
  });
});

describe("the picture of a map", () => {
  const n = 8;
  const options = {
    boxPx: n,
    pixelSizeA: 4,
    title: "a < b & c",
    curves: [{ label: "half maps", values: [1, 1, 0.5, 0, 0] }],
  };

  test("a map of another box is refused", () => {
    expect(() => slicesPicture(new Float32Array(8), options)).toThrow(ShapeError);
  });

  test("has three slices, both thresholds, Å labels and escaped text", () => {
    const svg = slicesPicture(noise(n ** 3, 51), options);
    expect(svg.match(/<image /g)).toHaveLength(3);
    expect(svg).toContain("a &lt; b &amp; c");
    for (const text of ["0.143", "0.5", "resolution (Å)", "5 Å", "half maps"]) expect(svg).toContain(`>${text}</text>`);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("a bright voxel appears where its coordinates say, x to the right and y upwards", () => {
    const map = new Float32Array(n ** 3);
    map[(4 * n + 6) * n + 1] = 1;
    const first = /base64,([^"]+)"/.exec(slicesPicture(map, options))![1]!;
    const { grey } = readGrey(Buffer.from(first, "base64"));
    expect(grey.indexOf(255)).toBe((n - 1 - 6) * n + 1);
    expect(grey.filter((value) => value > 0)).toHaveLength(1);
  });

  test("a constant map, a map with NaN and a curve with NaN still make a picture", () => {
    const map = new Float32Array(n ** 3).fill(2);
    map[0] = Number.NaN;
    const svg = slicesPicture(map, { ...options, curves: [{ label: "x", values: [1, Number.NaN, -0.4, 0.1, 0] }] });
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(slicesPicture(map, { ...options, curves: [] })).not.toContain("polyline");
  });

  test("the last tick of the plot is Nyquist", () => {
    const place = { left: 0, top: 0, width: 600, height: 300 };
    const plot = fscPlot([{ label: "x", values: new Float64Array(33) }], { boxPx: 64, pixelSizeA: 3.54, ...place });
    expect(plot).toContain(">7.08</text>");
    expect(plot).toContain(">20</text>");
  });
});
