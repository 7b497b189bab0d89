import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeMapFile } from "../../src/io/node/map-file.ts";
import { StackWriter } from "../../src/io/node/stack-writer.ts";

export interface TinyDataSet {
  readonly folder: string;
  readonly particles: string;
  readonly reference: string;
  /** Path of a new file or folder beside the data. */
  path(name: string): string;
  /** Writes the particle file with some of its text replaced; gives its path. */
  edited(from: string | RegExp, to: string): string;
  remove(): void;
}

export interface TinyDataSetOptions {
  readonly boxPx?: number;
  readonly count?: number;
  /** In the header of the stack. */
  readonly stackPixelSizeA?: number;
  /** Pixel values by image, row and column. */
  readonly pixel?: (image: number, y: number, x: number) => number;
}

/** A correct data set in a fresh folder, for wrong calls to spoil: a blob in noise, not for science. */
export function makeTinyDataSet(options: TinyDataSetOptions = {}): TinyDataSet {
  const { boxPx = 16, count = 12, stackPixelSizeA = 4 } = options;
  const pixel = options.pixel ?? ((image, y, x) => tinyNoise(image, y, x) + 4 * tinyParticle(boxPx, y, x));
  const folder = mkdtempSync(join(tmpdir(), "vitreous-"));
  const path = (name: string) => join(folder, name);
  const writer = new StackWriter(path("particles.mrcs"), { boxPx, pixelSizeA: stackPixelSizeA, count });
  for (let image = 0; image < count; image++) {
    writer.append(
      Float32Array.from({ length: boxPx * boxPx }, (_, i) => pixel(image, Math.floor(i / boxPx), i % boxPx)),
    );
  }
  writer.finish();
  writeBlob(path("reference.mrc"), 16, 4);
  const text = starText(boxPx, count);
  writeFileSync(path("particles.star"), text);
  return {
    folder,
    particles: path("particles.star"),
    reference: path("reference.mrc"),
    path,
    edited(from, to) {
      const changed = text.replace(from, to);
      if (changed === text) throw new Error(`nothing to replace: ${String(from)}`);
      writeFileSync(path("edited.star"), changed);
      return path("edited.star");
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Numbers between −1 and 1 without pattern. */
export function tinyNoise(image: number, y: number, x: number): number {
  const value = Math.sin(12.9898 * (image + 1) + 78.233 * y + 37.719 * x) * 43758.5453;
  return 2 * (value - Math.floor(value)) - 1;
}

/** A bright round particle in the middle. */
export function tinyParticle(boxPx: number, y: number, x: number): number {
  return Math.exp((-16 * ((x - boxPx / 2) ** 2 + (y - boxPx / 2) ** 2)) / boxPx ** 2);
}

/** A round density. */
export function writeBlob(path: string, boxPx: number, pixelSizeA: number): void {
  const data = new Float32Array(boxPx ** 3);
  const centre = boxPx / 2;
  for (let i = 0; i < data.length; i++) {
    const [x, y, z] = [i % boxPx, Math.floor(i / boxPx) % boxPx, Math.floor(i / boxPx ** 2)];
    const square = (x - centre) ** 2 + (y - centre) ** 2 + 1.5 * (z - centre) ** 2;
    data[i] = Math.exp((-16 * square) / boxPx ** 2);
  }
  writeMapFile(path, { sizeX: boxPx, sizeY: boxPx, sizeZ: boxPx, pixelSizeA, data });
}

function starText(boxPx: number, count: number): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const name = `${String(i + 1).padStart(6, "0")}@particles.mrcs`;
    return `${name} mic${1 + (i % 2)}.mrc 15000.0 14500.0 30.0 1`;
  });
  return [
    "# version 30001\n\ndata_optics\n\nloop_",
    "_rlnOpticsGroupName #1\n_rlnOpticsGroup #2\n_rlnVoltage #3\n_rlnSphericalAberration #4",
    "_rlnAmplitudeContrast #5\n_rlnImagePixelSize #6\n_rlnImageSize #7\n_rlnImageDimensionality #8",
    `opticsGroup1 1 300.0 2.7 0.1 4.0 ${boxPx} 2`,
    "\n# version 30001\n\ndata_particles\n\nloop_",
    "_rlnImageName #1\n_rlnMicrographName #2\n_rlnDefocusU #3\n_rlnDefocusV #4\n_rlnDefocusAngle #5\n_rlnOpticsGroup #6",
    ...rows,
    "",
  ].join("\n");
}
