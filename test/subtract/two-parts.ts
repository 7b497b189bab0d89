import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quaternionToEuler } from "../../src/geometry/euler.ts";
import { uniformRotationInto } from "../../src/geometry/quaternion.ts";

import { readMapFile, writeMapFile } from "../../src/io/node/map-file.ts";
import { StackWriter } from "../../src/io/node/stack-writer.ts";
import { readStarFile } from "../../src/io/node/star-file.ts";
import { blobDensityInto } from "../../src/map/blob-density.ts";
import { type Blob, type Blobs, makeBlobs } from "../../src/map/blobs.ts";
import { makeStarText, type StarRow } from "../support/make-particles.ts";
import { addNoise } from "../support/scene.ts";

export const BOX_PX = 32;
export const PIXEL_A = 6;
const PIXELS = BOX_PX * BOX_PX;

/** Two bodies that stand well apart, Å: what a mask keeps, and what is taken out. */
const blob = (xA: number, yA: number, zA: number, weight: number): Blob => ({ xA, yA, zA, sigmaA: 8, weight });
export const KEPT: Blobs = makeBlobs([blob(38, 12, -6, 30), blob(26, 18, 8, 20), blob(32, 2, 4, 25)]);
export const TAKEN: Blobs = makeBlobs([
  blob(-40, -6, 10, 40),
  blob(-26, -22, -12, 30),
  blob(-34, 12, -18, 25),
  blob(-16, -38, 16, 20),
]);
/** Where KEPT lies, Å, and how far the mask of it reaches. */
export const KEPT_CENTRE: readonly [number, number, number] = [32, 10, 1];
const MASK_RADIUS_A = 42;

export function density(blobs: Blobs): Float32Array {
  return blobDensityInto(new Float32Array(BOX_PX ** 3), BOX_PX, PIXEL_A, blobs);
}

/** 1 within a sphere about KEPT, 0 beyond: TAKEN lies outside it but for its Gaussian tails. */
export function keepMask(): Float32Array {
  const out = new Float32Array(BOX_PX ** 3);
  for (let i = 0; i < out.length; i++) {
    const at = [i % BOX_PX, Math.floor(i / BOX_PX) % BOX_PX, Math.floor(i / BOX_PX ** 2)];
    const distance = Math.hypot(...at.map((v, axis) => (v - BOX_PX / 2) * PIXEL_A - KEPT_CENTRE[axis]!));
    out[i] = distance <= MASK_RADIUS_A ? 1 : 0;
  }
  return out;
}

export interface Pose {
  /** [4] */
  readonly rotation: Float64Array;
  readonly shiftPx: readonly [number, number];
}

export function makePoses(count: number): Pose[] {
  return Array.from({ length: count }, (_, i) => {
    const rotation = new Float64Array(4);
    uniformRotationInto(rotation, 0, (i + 0.3) / count, (i * 0.37 + 0.11) % 1, (i * 0.71 + 0.05) % 1);
    return { rotation, shiftPx: [((i * 0.77) % 3) - 1.4, 1.2 - ((i * 1.31) % 2.5)] };
  });
}

/** White noise of unit variance, the same for the same seed. */
export function noise(count: number, seed: number, sd: number): Float32Array {
  const out = new Float32Array(count * PIXELS);
  addNoise(out, seed, PIXELS, sd);
  return out;
}

/** A fresh folder for a data set and what is made of it. */
export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "vitreous-subtract-"));
  path = (name: string): string => join(this.folder, name);
  remove = (): void => rmSync(this.folder, { recursive: true, force: true });

  writeMap(name: string, data: Float32Array, pixelSizeA = PIXEL_A): string {
    const boxPx = Math.round(Math.cbrt(data.length));
    writeMapFile(this.path(name), { sizeX: boxPx, sizeY: boxPx, sizeZ: boxPx, pixelSizeA, data });
    return this.path(name);
  }

  writeStack(name: string, images: Float32Array, count: number, boxPx = BOX_PX, pixelSizeA = PIXEL_A): void {
    const writer = new StackWriter(this.path(name), { boxPx, pixelSizeA, count });
    writer.append(images);
    writer.finish();
  }

  /** A particle file of these poses. */
  writeParticles(
    name: string,
    poses: readonly Pose[],
    optics: readonly StarRow[],
    row: (i: number) => StarRow = () => ({}),
  ): string {
    const deg = 180 / Math.PI;
    const rows = poses.map(({ rotation, shiftPx }, i) => {
      const { rotRad, tiltRad, psiRad } = quaternionToEuler(rotation, 0);
      const own = row(i);
      const group = Number(own["rlnOpticsGroup"] ?? 1);
      const pixelA = Number(optics.find((o) => o["rlnOpticsGroup"] === group)!["rlnImagePixelSize"]);
      return {
        rlnImageName: `${String(i + 1).padStart(6, "0")}@images.mrcs`,
        rlnMicrographName: "mic1.mrc",
        rlnDefocusU: 0,
        rlnDefocusV: 0,
        rlnDefocusAngle: 0,
        rlnOpticsGroup: 1,
        rlnAngleRot: rotRad * deg,
        rlnAngleTilt: tiltRad * deg,
        rlnAnglePsi: psiRad * deg,
        rlnOriginXAngst: -shiftPx[0] * pixelA,
        rlnOriginYAngst: -shiftPx[1] * pixelA,
        ...own,
      };
    });
    writeFileSync(this.path(name), makeStarText(optics, rows));
    return this.path(name);
  }

  images(name: string): Float32Array {
    return readMapFile(this.path(name)).data;
  }

  column(name: string, label: string): string[] {
    return readStarFile(this.path(name))
      .blocks.find((block) => block.name === "particles")!
      .table.texts(label);
  }
}

/** An optics group without a contrast transfer function: amplitude contrast 1, in focus. */
export function flatOptics(number = 1, over: StarRow = {}): StarRow {
  return {
    rlnOpticsGroupName: `group${number}`,
    rlnOpticsGroup: number,
    rlnVoltage: 300,
    rlnSphericalAberration: 0,
    rlnAmplitudeContrast: 1,
    rlnImagePixelSize: PIXEL_A,
    rlnImageSize: BOX_PX,
    rlnImageDimensionality: 2,
    ...over,
  };
}

/** Root mean square of a − b over that of `of`. */
export function relativeDifference(a: Float32Array, b: Float32Array, of: Float32Array): number {
  let difference = 0;
  let power = 0;
  for (let i = 0; i < a.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    power += of[i]! ** 2;
  }
  return Math.sqrt(difference / power);
}
