import type { ByteReader } from "../io/bytes.ts";
import type { MrcHeader } from "../io/mrc/header.ts";
import { bytesPerPixel } from "../io/mrc/mode.ts";
import { type MrcStack, openStack } from "../io/mrc/stack.ts";
import { statisticsOf } from "../map/statistics.ts";
import { imageFault } from "../particles/image-fault.ts";
import { type Description, type Fact, fact } from "./description.ts";
import { bytesText, counted, grouped, shortNumber } from "./words.ts";

const MODE_NAMES: Readonly<Record<number, string>> = {
  0: "8-bit integers (mode 0)",
  1: "16-bit integers (mode 1)",
  2: "32-bit floats (mode 2)",
  6: "unsigned 16-bit integers (mode 6)",
  12: "16-bit floats (mode 12)",
};
/** Voxels of a map that are read to measure it; a larger map is measured on sections spread over it. */
const MEASURED_VOXELS = 2 ** 27;
/** Header statistics are single precision, and some programs leave them at what they were before a filter. */
const STATISTICS_TOLERANCE = 0.01;

/** @param isPacked  the bytes came out of a gzip file */
export function describeMrc(reader: ByteReader, imageCount: number, isPacked: boolean): Description {
  const stack = openStack(reader);
  const { header } = stack;
  const isStack = looksLikeStack(header, reader.name);
  const sizes = `${header.columns} × ${header.rows}`;
  const pixelSizeA = stack.pixelSizeA;
  const sampling = pixelSizeA > 0 ? ` at ${shortNumber(pixelSizeA)} Å per pixel` : ", pixel size not stated";
  const summary = isStack
    ? `a stack of ${counted(header.sections, "image")} of ${sizes} px${sampling}`
    : header.sections === 1
      ? `one image of ${sizes} px${sampling}`
      : `a density map of ${sizes} × ${header.sections} voxels${sampling}`;
  const measured = measure(stack, isStack, imageCount);
  const facts: Fact[] = [
    fact("pixels", `${MODE_NAMES[header.mode] ?? header.mode}, ${header.isLittleEndian ? "little" : "big"}-endian`),
    fact("size", `${bytesText(reader.size)}${isPacked ? " unpacked (gzip)" : ""}`),
    ...(pixelSizeA > 0
      ? [
          fact(
            isStack ? "field" : "extent",
            header.columns === header.rows
              ? `${shortNumber(header.columns * pixelSizeA)} Å`
              : `${shortNumber(header.columns * pixelSizeA)} × ${shortNumber(header.rows * pixelSizeA)} Å`,
          ),
        ]
      : []),
    fact(
      "values",
      `${shortNumber(measured.min)} … ${shortNumber(measured.max)}, mean ${shortNumber(measured.mean)}, standard deviation ${shortNumber(measured.standardDeviation)}` +
        (measured.seen < header.sections
          ? ` (of ${grouped(measured.seen)} of ${grouped(header.sections)} sections)`
          : ""),
    ),
    ...(header.originA.some((value) => value !== 0)
      ? [fact("origin", `${header.originA.map(shortNumber).join(", ")} Å`)]
      : []),
  ];
  return {
    path: reader.name,
    kind: isStack ? "mrc-stack" : header.sections === 1 ? "mrc-image" : "mrc-volume",
    summary,
    facts,
    notes: [
      ...kindNotes(header, reader.name, isStack),
      ...headerNotes(header, reader.size, isStack),
      ...valueNotes(header, measured, isStack),
    ],
  };
}

/** Programs disagree on the space group of a stack, so the name and the shape decide. */
function looksLikeStack(header: MrcHeader, name: string): boolean {
  if (/\.mrcs(\.gz)?$/.test(name)) return true;
  return header.sections > 1 && header.columns === header.rows && header.rows !== header.sections;
}

interface Measured {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly standardDeviation: number;
  readonly notFiniteCount: number;
  /** Sections read. */
  readonly seen: number;
  readonly constantCount: number;
}

function measure(stack: MrcStack, isStack: boolean, imageCount: number): Measured {
  const { sections, columns, rows } = stack.header;
  const sectionPixels = columns * rows;
  const most = isStack ? imageCount : Math.floor(MEASURED_VOXELS / sectionPixels);
  const seen = Math.min(sections, Math.max(isStack && imageCount === 0 ? 0 : 1, most));
  const values = new Float32Array(seen * sectionPixels);
  let constantCount = 0;
  for (let i = 0; i < seen; i++) {
    const section = Math.floor((i * sections) / seen);
    stack.readSlicesInto(values, section, 1, i * sectionPixels);
    if (imageFault(values, i * sectionPixels, sectionPixels) === 2) constantCount++;
  }
  return { ...statisticsOf(values), seen, constantCount };
}

function kindNotes(header: MrcHeader, name: string, isStack: boolean): string[] {
  if (!isStack || /\.mrcs(\.gz)?$/.test(name)) return [];
  const { columns, rows, sections } = header;
  return [
    `taken for images because the sections are square; it could also be a map of ${columns} × ${rows} × ${sections} voxels.`,
  ];
}

function headerNotes(header: MrcHeader, fileBytes: number, isStack: boolean): string[] {
  const notes: string[] = [];
  const [x, y, z] = header.pixelSizesA;
  if (!(x > 0)) notes.push("the header states no pixel size: what reads it must be told.");
  else if (x === 1) notes.push("a pixel size of exactly 1 Å is what programs write that know none.");
  if (!isStack && x > 0 && [y, z].some((size) => size > 0 && Math.abs(size - x) > 1e-3 * x)) {
    notes.push(`the voxels are not cubes (${[x, y, z].map(shortNumber).join(" × ")} Å): resample before use.`);
  }
  if (header.columns !== header.rows) notes.push("the images are not square: refinement needs square images.");
  else if (!isStack && header.sections > 1 && header.sections !== header.rows) notes.push("the map is not a cube.");
  if (header.columns % 2 === 1) notes.push("the box has an odd number of pixels: refinement needs an even one.");
  if (header.axes.join() !== "1,2,3") {
    notes.push(
      `the axes are stored in the order ${header.axes.map((axis) => "xyz"[axis - 1]).join(", ")}; they are put right on reading.`,
    );
  }
  if (!header.isLittleEndian) notes.push("big-endian: read here, refused by RELION.");
  const expected = header.dataOffset + header.columns * header.rows * header.sections * bytesPerPixel(header.mode);
  if (fileBytes > expected) notes.push(`${bytesText(fileBytes - expected)} follow the data and are ignored.`);
  return notes;
}

function valueNotes(header: MrcHeader, measured: Measured, isStack: boolean): string[] {
  const notes: string[] = [];
  if (measured.seen === 0) return notes;
  if (measured.notFiniteCount > 0) {
    notes.push(`${counted(measured.notFiniteCount, "value")} not finite (NaN or infinite): make the file again.`);
  }
  if (isStack && measured.constantCount > 0) {
    notes.push(
      `${counted(measured.constantCount, "image")} of those looked at ${measured.constantCount === 1 ? "is" : "are"} constant.`,
    );
  } else if (measured.min === measured.max) notes.push("every value is the same: the file shows nothing.");
  const scale = Math.max(Math.abs(measured.min), Math.abs(measured.max));
  const isStated = header.max > header.min;
  if (!isStack && isStated && measured.seen === header.sections && measured.notFiniteCount === 0) {
    const off = Math.max(Math.abs(header.min - measured.min), Math.abs(header.max - measured.max));
    if (off > STATISTICS_TOLERANCE * scale) {
      notes.push(
        `the header states ${shortNumber(header.min)} … ${shortNumber(header.max)}, which is not what the data hold: viewers may choose a wrong contour.`,
      );
    }
  }
  return notes;
}
