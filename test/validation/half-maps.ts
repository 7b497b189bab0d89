import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeMapFile } from "../../src/io/node/map-file.ts";
import { blobDensityInto } from "../../src/map/blob-density.ts";
import { makePhantom } from "../../src/map/phantom.ts";
import { noise } from "../map/plain-fft.ts";

export const BOX_PX = 32;
export const PIXEL_SIZE_A = 6;

export interface HalfMapFolder {
  readonly folder: string;
  path(name: string): string;
  /** Writes a cubic map of BOX_PX. */
  write(name: string, data: Float32Array, pixelSizeA?: number): string;
  remove(): void;
}

/** A folder that looks like a finished run: two half maps of the built-in molecule in noise, poses, run.json. */
export function makeHalfMaps(): HalfMapFolder {
  const folder = mkdtempSync(join(tmpdir(), "vitreous-halves-"));
  const path = (name: string) => join(folder, name);
  const write = (name: string, data: Float32Array, pixelSizeA = PIXEL_SIZE_A) => {
    const edge = Math.round(Math.cbrt(data.length));
    writeMapFile(path(name), { sizeX: edge, sizeY: edge, sizeZ: edge, pixelSizeA, data });
    return path(name);
  };
  const truth = blobDensityInto(new Float32Array(BOX_PX ** 3), BOX_PX, PIXEL_SIZE_A, makePhantom());
  const level = 0.03 * truth.reduce((a, b) => Math.max(a, b));
  for (const half of [1, 2]) {
    const own = noise(BOX_PX ** 3, 80 + half);
    write(
      `run_half${half}_class001_unfil.mrc`,
      truth.map((value, i) => value + level * own[i]!),
    );
  }
  writeFileSync(path("run.json"), JSON.stringify({ program: "vitreous", options: { symmetry: "C2" } }));
  const rows = Array.from({ length: 60 }, (_, i) => {
    const tiltDeg = (180 / Math.PI) * Math.acos(1 - (2 * (i + 0.5)) / 60);
    return `${(137.5 * i) % 360} ${tiltDeg} ${7 * i} ${i < 50 ? 1 : 1e-4} ${100 + i}`;
  });
  const labels = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "vitGoodProbability", "rlnLogLikeliContribution"];
  writeFileSync(
    path("run_data.star"),
    ["data_particles", "", "loop_", ...labels.map((label, i) => `_${label} #${i + 1}`), ...rows, ""].join("\n"),
  );
  return { folder, path, write, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
