import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quaternionToEuler } from "../../src/geometry/euler.ts";
import { writeMapFile } from "../../src/io/node/map-file.ts";
import { StackWriter } from "../../src/io/node/stack-writer.ts";
import { makeStarText } from "./make-particles.ts";
import type { Scene } from "./scene.ts";

const DEG = 180 / Math.PI;

export interface SceneFiles {
  readonly folder: string;
  readonly particles: string;
  readonly reference: string;
  path(name: string): string;
  remove(): void;
}

export interface SceneFileOptions {
  /** Images instead of the scene's. */
  readonly images?: Float32Array;
  /** [count] 1 or 2; absent: no rlnRandomSubset. */
  readonly randomSubset?: ArrayLike<number>;
  readonly hasPoses?: boolean;
  readonly reference?: Float32Array;
  readonly imagesPerMicrograph?: number;
}

/** A scene as a particle file, stack and reference in a fresh folder. */
export function writeScene(scene: Scene, options: SceneFileOptions = {}): SceneFiles {
  const folder = mkdtempSync(join(tmpdir(), "vitreous-scene-"));
  mkdirSync(folder, { recursive: true });
  const path = (name: string) => join(folder, name);
  const { boxPx, pixelSizeA, count } = scene;
  const images = options.images ?? scene.images;
  const writer = new StackWriter(path("particles.mrcs"), { boxPx, pixelSizeA, count });
  writer.append(images);
  writer.finish();
  writeMap(path("reference.mrc"), options.reference ?? scene.map, scene);
  const perMicrograph = options.imagesPerMicrograph ?? count;
  const rows = scene.optics.map((o, i) => {
    const angle = quaternionToEuler(scene.rotations.subarray(4 * i, 4 * i + 4), 0);
    return {
      rlnImageName: `${String(i + 1).padStart(6, "0")}@particles.mrcs`,
      rlnMicrographName: `mic${1 + Math.floor(i / perMicrograph)}.mrc`,
      rlnDefocusU: o.defocusUA,
      rlnDefocusV: o.defocusVA,
      rlnDefocusAngle: o.defocusAngleRad * DEG,
      rlnOpticsGroup: 1,
      rlnRandomSubset: options.randomSubset?.[i],
      ...(options.hasPoses && {
        rlnAngleRot: angle.rotRad * DEG,
        rlnAngleTilt: angle.tiltRad * DEG,
        rlnAnglePsi: angle.psiRad * DEG,
        rlnOriginXAngst: -scene.shiftsPx[2 * i]! * pixelSizeA,
        rlnOriginYAngst: -scene.shiftsPx[2 * i + 1]! * pixelSizeA,
      }),
    };
  });
  const optics = [
    {
      rlnOpticsGroupName: "opticsGroup1",
      rlnOpticsGroup: 1,
      rlnVoltage: 300,
      rlnSphericalAberration: 2.7,
      rlnAmplitudeContrast: 0.1,
      rlnImagePixelSize: pixelSizeA,
      rlnImageSize: boxPx,
      rlnImageDimensionality: 2,
    },
  ];
  writeFileSync(path("particles.star"), makeStarText(optics, rows));
  return {
    folder,
    particles: path("particles.star"),
    reference: path("reference.mrc"),
    path,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function writeMap(path: string, data: Float32Array, { boxPx, pixelSizeA }: Scene): void {
  writeMapFile(path, { sizeX: boxPx, sizeY: boxPx, sizeZ: boxPx, pixelSizeA, data });
}
