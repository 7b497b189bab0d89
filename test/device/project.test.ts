import { afterAll, describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import { openDevice } from "../../src/device/open.ts";
import { type ProjectArgs, SLICE_PANEL, slicePanelLength } from "../../src/device/ops/project.ts";
import type { Device } from "../../src/device/types.ts";
import { makeBand } from "../../src/geometry/band.ts";
import { fourierBoxFor, fourierBoxIndex } from "../../src/geometry/fourier-box.ts";
import { quaternionToMatrixInto } from "../../src/geometry/quaternion.ts";
import { makeNormals } from "../support/normals.ts";

// Coordinates in float32: 1e-7 of up to 30 voxels, times differences of neighbouring voxels (up to 10 rms in white noise;
// twice that for the power).
const COORDINATE_TOLERANCE = 1e-4;
// Linear interpolation: |V''|/8 per axis, V'' = (2π/128)² (|c|² + 3σ²) V for a Gaussian of width σ at c on the grid padded to 128.
const TRILINEAR_TOLERANCE = 8e-3;

const devices: Device[] = [];
function open(options: Parameters<typeof openDevice>[0]): Device {
  const device = openDevice(options);
  devices.push(device);
  return device;
}
afterAll(() => {
  for (const device of devices) device.close();
});
const reference = open({ kind: "reference" });
const cpu = open({ kind: "cpu", threads: 1 });
const cpuTwo = open({ kind: "cpu", threads: 2 });
const cpuSse2 = open({ kind: "cpu", threads: 1, isa: "sse2" });

type Volume = (x: number, y: number, z: number) => readonly [re: number, im: number];

interface Scene {
  readonly boxPx: number;
  readonly bandMaxShell: number;
  readonly maxShell: number;
  readonly paddingFactor: number;
  readonly volume: Volume;
  readonly rotations: Float32Array;
  readonly firstPixel: number;
}

const turn = Math.SQRT1_2;
const plain: Scene = {
  boxPx: 32,
  bandMaxShell: 12,
  maxShell: 12,
  paddingFactor: 2,
  volume: () => [1, 0],
  rotations: Float32Array.of(1, 0, 0, 0),
  firstPixel: 0,
};

function makeArgs(device: Device, scene: Scene, layout: ProjectArgs["layout"]): ProjectArgs {
  const band = makeBand(scene.boxPx, scene.bandMaxShell);
  const box = fourierBoxFor(scene.maxShell, scene.paddingFactor);
  const edge = box.radiusPx + 1;
  const values = new Float32Array(2 * box.voxelCount);
  for (let z = -edge; z <= edge; z++) {
    for (let y = -edge; y <= edge; y++) {
      for (let x = 0; x <= edge; x++) values.set(scene.volume(x, y, z), 2 * fourierBoxIndex(box, x, y, z));
    }
  }
  const rotationCount = scene.rotations.length / 4;
  const pixels = band.pixelCount - scene.firstPixel;
  const length = layout === "panels" ? slicePanelLength(rotationCount, pixels) : rotationCount * 2 * pixels;
  return {
    boxPx: scene.boxPx,
    bandKx: device.upload(band.kx),
    bandKy: device.upload(band.ky),
    bandShell: device.upload(band.shell),
    bandPixelCount: band.pixelCount,
    volume: device.upload(values),
    volumeRadiusPx: box.radiusPx,
    paddingFactor: scene.paddingFactor,
    maxShell: scene.maxShell,
    rotations: device.upload(scene.rotations),
    rotationCount,
    firstPixel: scene.firstPixel,
    pixelCount: band.pixelCount,
    layout,
    out: device.upload(new Float32Array(length).fill(Number.NaN)),
  };
}

async function project(device: Device, scene: Scene, layout: ProjectArgs["layout"] = "planes"): Promise<Float32Array> {
  const args = makeArgs(device, scene, layout);
  device.project(args);
  return (await device.read(args.out)) as Float32Array;
}

/** Calls back with R (kx, ky, 0)ᵀ of every pixel of every slice, and its place in the planes layout. */
function forEachPoint(
  scene: Scene,
  visit: (q: readonly [number, number, number], place: number, pixels: number) => void,
) {
  const band = makeBand(scene.boxPx, scene.bandMaxShell);
  const pixels = band.pixelCount - scene.firstPixel;
  const matrix = new Float64Array(9);
  for (let slice = 0; slice < scene.rotations.length / 4; slice++) {
    quaternionToMatrixInto(matrix, 0, Float64Array.from(scene.rotations.subarray(4 * slice, 4 * slice + 4)), 0);
    for (let p = 0; p < pixels; p++) {
      const k = scene.firstPixel + p;
      const at = (axis: number) => matrix[3 * axis]! * band.kx[k]! + matrix[3 * axis + 1]! * band.ky[k]!;
      visit([at(0), at(1), at(2)], slice * 2 * pixels + p, pixels);
    }
  }
}

function randomRotations(count: number, seed: number): Float32Array {
  const out = makeNormals(4 * count, seed);
  for (let i = 0; i < count; i++) {
    const norm = Math.hypot(...out.subarray(4 * i, 4 * i + 4));
    for (let j = 0; j < 4; j++) out[4 * i + j]! /= norm;
  }
  return out;
}

/** Random values, Hermitian on the plane x = 0, where the sign of x cannot tell a point from its mate. */
function randomVolume(seed: number, edge: number): Volume {
  const side = 2 * edge + 1;
  const values = makeNormals(2 * side ** 3, seed);
  const place = (x: number, y: number, z: number) => 2 * (((z + edge) * side + y + edge) * side + x);
  return (x, y, z) => {
    const isMate = x === 0 && (y < 0 || (y === 0 && z < 0));
    const at = isMate ? place(0, -y, -z) : place(x, y, z);
    const isReal = x === 0 && y === 0 && z === 0;
    return [values[at]!, isReal ? 0 : isMate ? -values[at + 1]! : values[at + 1]!];
  };
}

/** Largest difference, in units of the second's rms. */
function worstError(actual: Float32Array, expected: Float32Array): number {
  const square = expected.reduce((sum, v) => sum + v * v, 0);
  const rms = Math.sqrt(square / expected.length);
  return actual.reduce((worst, v, i) => Math.max(worst, Math.abs(v - expected[i]!)), 0) / rms;
}

describe("wrong calls", () => {
  test.each([reference, cpu])("of $kind are refused before anything runs", (device) => {
    const args = makeArgs(device, plain, "panels");
    const wrong = (change: Partial<ProjectArgs>) => () => device.project({ ...args, ...change });
    expect(wrong({ volume: device.upload(new Float32Array(8)) })).toThrow(ShapeError);
    expect(wrong({ rotations: device.upload(new Float32Array(3)) })).toThrow(ShapeError);
    expect(wrong({ out: device.upload(new Float32Array(47)) })).toThrow(/project: out/);
    expect(wrong({ bandKx: device.upload(new Float32Array(4096)) })).toThrow(ShapeError);
    expect(wrong({ pixelCount: 100000 })).toThrow(UsageError);
    expect(wrong({ firstPixel: 10, pixelCount: 9 })).toThrow(UsageError);
    expect(wrong({ layout: "rows" as "panels" })).toThrow(/panels or planes/);
  });
});

describe.each([reference, cpu, cpuSse2])("project on $description", (device) => {
  test("takes voxels as they are where the slice's points lie on the grid", async () => {
    // Identity; quarter turn about z: x axis of the image → y axis of the volume; quarter turn about x: y → z.
    const scene: Scene = {
      ...plain,
      volume: randomVolume(1, 26),
      rotations: Float32Array.of(1, 0, 0, 0, turn, 0, 0, turn, turn, turn, 0, 0),
    };
    const out = await project(device, scene);
    let worst = 0;
    forEachPoint(scene, (q, place, pixels) => {
      const [x, y, z] = q.map((value) => Math.round(2 * value)) as [number, number, number];
      const isMate = x < 0;
      const [re, im] = isMate ? scene.volume(-x, -y, -z) : scene.volume(x, y, z);
      worst = Math.max(worst, Math.abs(out[place]! - re), Math.abs(out[place + pixels]! - (isMate ? -im : im)));
    });
    expect(worst).toBeLessThan(COORDINATE_TOLERANCE);
  });

  test("is exact for a transform that is linear in p, at any orientation", async () => {
    // c + i a·p is Hermitian, and trilinear interpolation has no error on it.
    const scene: Scene = {
      ...plain,
      volume: (x, y, z) => [3, 0.5 * x - 0.25 * y + 0.125 * z],
      rotations: randomRotations(21, 7),
      firstPixel: 1,
    };
    const out = await project(device, scene);
    let worst = 0;
    forEachPoint(scene, ([x, y, z], place, pixels) => {
      const expected = 2 * (0.5 * x - 0.25 * y + 0.125 * z);
      worst = Math.max(worst, Math.abs(out[place]! - 3), Math.abs(out[place + pixels]! - expected));
    });
    expect(worst).toBeLessThan(COORDINATE_TOLERANCE);
  });

  test("of two Gaussians gives the transform of their line integrals", async () => {
    const boxPx = 32;
    const blobs = [
      { amplitude: 1, sigmaPx: 1.5, centre: [2, -1, 1.5] },
      { amplitude: 0.6, sigmaPx: 1.1, centre: [-1.5, 2.5, 0.5] },
    ] as const;
    const transform: Volume = (x, y, z) => {
      let re = 0;
      let im = 0;
      for (const { amplitude, sigmaPx, centre } of blobs) {
        const size =
          amplitude *
          (2 * Math.PI * sigmaPx ** 2) ** 1.5 *
          Math.exp((-2 * (Math.PI * sigmaPx) ** 2 * (x * x + y * y + z * z)) / boxPx ** 2);
        const angleRad = (-2 * Math.PI * (x * centre[0] + y * centre[1] + z * centre[2])) / boxPx;
        re += size * Math.cos(angleRad);
        im += size * Math.sin(angleRad);
      }
      return [re, im];
    };
    const scene: Scene = {
      ...plain,
      boxPx,
      paddingFactor: 4,
      volume: (x, y, z) => transform(x / 4, y / 4, z / 4),
      rotations: randomRotations(5, 3),
    };
    const out = await project(device, scene);
    let worst = 0;
    forEachPoint(scene, (q, place, pixels) => {
      const [re, im] = transform(...q);
      worst = Math.max(worst, Math.abs(out[place]! - re), Math.abs(out[place + pixels]! - im));
    });
    expect(worst / transform(0, 0, 0)[0]).toBeLessThan(TRILINEAR_TOLERANCE);
  });

  test("gives 0 beyond the shell in use, in both layouts", async () => {
    const scene: Scene = { ...plain, maxShell: 7, rotations: randomRotations(3, 5) };
    const band = makeBand(scene.boxPx, scene.bandMaxShell);
    const planes = await project(device, scene);
    const panels = await project(device, scene, "panels");
    for (let pixel = 0; pixel < band.pixelCount; pixel++) {
      const expected = band.shell[pixel]! <= 7 ? 1 : 0;
      expect(planes[pixel]).toBeCloseTo(expected, 5);
      expect(panels[pixel * 3 * SLICE_PANEL + 1]).toBeCloseTo(expected, 5);
    }
  });

  test("fills the places of missing slices with 0 and a slice without a rotation with NaN", async () => {
    const rotations = randomRotations(17, 9);
    rotations.fill(0, 0, 4);
    rotations[4 * 16 + 2] = Number.NaN;
    const panels = await project(device, { ...plain, rotations }, "panels");
    const lane = (panel: number, slice: number) =>
      panels
        .slice(panel * (panels.length / 2), (panel + 1) * (panels.length / 2))
        .filter((_, i) => i % SLICE_PANEL === slice);
    expect(lane(0, 0).every(Number.isNaN)).toBe(true);
    expect(lane(0, 1).some(Number.isNaN)).toBe(false);
    expect(lane(1, 0).every(Number.isNaN)).toBe(true);
    for (let slice = 1; slice < SLICE_PANEL; slice++) expect(lane(1, slice).every((v) => v === 0)).toBe(true);
  });
});

describe("the kernel", () => {
  const scene = (count: number, firstPixel: number): Scene => ({
    boxPx: 32,
    bandMaxShell: 15,
    maxShell: 14,
    paddingFactor: 2,
    volume: randomVolume(2, 30),
    rotations: randomRotations(count, count),
    firstPixel,
  });

  test.each([
    [1, 0, "planes"],
    [16, 1, "panels"],
    [37, 5, "panels"],
    [37, 5, "planes"],
  ] as const)("agrees with the reference: %i rotations from pixel %i as %s", async (count, firstPixel, layout) => {
    const expected = await project(reference, scene(count, firstPixel), layout);
    for (const device of [cpu, cpuSse2]) {
      const actual = await project(device, scene(count, firstPixel), layout);
      expect(worstError(actual, expected)).toBeLessThan(COORDINATE_TOLERANCE);
    }
  });

  test("writes the same bytes on 1 and 2 threads", async () => {
    const one = await project(cpu, scene(100, 1), "panels");
    expect(Buffer.from(one.buffer).equals(Buffer.from((await project(cpuTwo, scene(100, 1), "panels")).buffer))).toBe(
      true,
    );
  });

  test("gives both layouts the same values", async () => {
    const panels = await project(cpu, scene(20, 0), "panels");
    const planes = await project(cpu, scene(20, 0), "planes");
    const pixels = planes.length / 40;
    for (let slice = 0; slice < 20; slice++) {
      for (let pixel = 0; pixel < pixels; pixel += 13) {
        const place = (Math.floor(slice / 16) * pixels + pixel) * 48 + (slice % 16);
        const [re, im] = [panels[place]!, panels[place + 16]!];
        expect([re, im]).toEqual([planes[slice * 2 * pixels + pixel], planes[(slice * 2 + 1) * pixels + pixel]]);
        expect(panels[place + 32]).toBeCloseTo(re * re + im * im, 4);
      }
    }
  });
});
