import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quaternionToMatrixInto } from "../../src/geometry/quaternion.ts";
import { expand, project, silentLog, subtract } from "../../src/index.ts";
import { blobProjectionInto } from "../../src/map/blob-density.ts";
import { type Blobs, makeBlobs } from "../../src/map/blobs.ts";
import { readPoses } from "../../src/simulate/read-poses.ts";
import {
  Bench,
  BOX_PX,
  density,
  flatOptics,
  KEPT,
  KEPT_CENTRE,
  keepMask,
  makePoses,
  noise,
  PIXEL_A,
  type Pose,
  relativeDifference,
  TAKEN,
} from "./two-parts.ts";

const PIXELS = BOX_PX * BOX_PX;
const COUNT = 40;
/** Trilinear interpolation at padding 2 of the part that is taken out, over what is left with its noise. */
const INTERPOLATION = 0.03;
/** float32 of values that are added and taken away again. */
const ROUNDING = 1e-4;
const context = { signal: new AbortController().signal, log: silentLog };

function both(): Blobs {
  const columns = (["xA", "yA", "zA", "sigmaA", "weight"] as const).map((name) => [
    name,
    Float64Array.of(...KEPT[name], ...TAKEN[name]),
  ]);
  return { count: KEPT.count + TAKEN.count, ...Object.fromEntries(columns) } as Blobs;
}

/** [poses × N²] closed form. */
function projections(blobs: Blobs, poses: readonly Pose[], pixelSizeA = PIXEL_A, boxPx = BOX_PX): Float32Array {
  const out = new Float32Array(poses.length * boxPx * boxPx);
  const matrix = new Float64Array(9);
  poses.forEach(({ rotation, shiftPx }, i) => {
    quaternionToMatrixInto(matrix, 0, rotation, 0);
    const image = out.subarray(i * boxPx * boxPx, (i + 1) * boxPx * boxPx);
    blobProjectionInto(image, boxPx, pixelSizeA, blobs, matrix, shiftPx[0], shiftPx[1]);
  });
  return out;
}

const sum = (a: Float32Array, b: Float32Array, scale = 1) => a.map((value, i) => scale * value + b[i]!);

describe("images of two bodies, one of them taken out", () => {
  const bench = new Bench();
  const poses = makePoses(COUNT);
  const grain = noise(COUNT, 5, 0.3);
  let map: string;
  let mask: string;
  beforeAll(() => {
    map = bench.writeMap("map.mrc", density(both()));
    mask = bench.writeMap("mask.mrc", keepMask());
  });
  afterAll(bench.remove);

  const call = (particles: string, over: Partial<Parameters<typeof subtract>[0]> = {}) =>
    subtract({ particles, reference: map, mask, out: bench.path("out"), threads: 1, ...over }, context);

  test("the other body is left, as closed form projects it, with the image's own noise", async () => {
    bench.writeStack("images.mrcs", sum(projections(both(), poses), grain), COUNT);
    const result = await call(bench.writeParticles("in.star", poses, [flatOptics()]), { scale: "none" });
    const expected = sum(projections(KEPT, poses), grain);
    const error = relativeDifference(bench.images("out.mrcs"), expected, expected);
    const before = relativeDifference(bench.images("images.mrcs"), expected, expected);
    console.log(`subtracted: off by ${error.toFixed(4)} of what is left (before: ${before.toFixed(2)})`);
    expect(error).toBeLessThan(INTERPOLATION);
    expect(before).toBeGreaterThan(0.5);
    expect(result).toMatchObject({ imageCount: COUNT, centreA: null, scales: [{ group: "group1", scale: 1 }] });
  });

  test.each([
    ["a CTF with astigmatism, B-factors and scales of their own", {}],
    ["beam tilt", { rlnBeamTiltX: 1.5, rlnBeamTiltY: -0.8 }],
    ["odd and even Zernike terms", { rlnOddZernike: "[0,0,0,12,0,0]", rlnEvenZernike: "[0,3,0,0,0,0,0,0,0]" }],
    ["anisotropic magnification", { rlnMagMat00: 1.03, rlnMagMat01: 0.01, rlnMagMat10: 0.01, rlnMagMat11: 0.98 }],
    ["CTF-premultiplied images", { rlnCtfDataAreCtfPremultiplied: 1 }],
  ])("… so it is with %s", async (_, aberrations) => {
    const optics = [flatOptics(1, { rlnSphericalAberration: 2.7, rlnAmplitudeContrast: 0.1, ...aberrations })];
    const particles = bench.writeParticles("in.star", poses, optics, (i) => ({
      rlnDefocusU: 9000 + 200 * i,
      rlnDefocusV: 8500 + 210 * i,
      rlnDefocusAngle: 7 * i,
      rlnCtfBfactor: i,
      rlnCtfScalefactor: 1 - 0.005 * i,
    }));
    const inside = keepMask();
    const kept = density(both()).map((value, i) => value * inside[i]!);
    const run = { particles, threads: 1 };
    await project({ ...run, reference: map, out: bench.path("all") }, context);
    await project({ ...run, reference: bench.writeMap("kept.mrc", kept), out: bench.path("kept") }, context);
    bench.writeStack("images.mrcs", sum(bench.images("all.mrcs"), grain), COUNT);
    const { scales } = await call(particles, { scale: "none" });
    const expected = sum(bench.images("kept.mrcs"), grain);
    expect(relativeDifference(bench.images("out.mrcs"), expected, expected)).toBeLessThan(ROUNDING);
    expect(scales[0]!.scale).toBe(1);
  });

  test("the grey scale of each optics group is found, and of each particle on request", async () => {
    const clean = projections(both(), poses);
    const scaleOf = (i: number) => (i % 2 === 0 ? 0.25 : 4);
    const images = grain.map((value, k) => scaleOf(Math.floor(k / PIXELS)) * clean[k]! + value);
    bench.writeStack("images.mrcs", images, COUNT);
    const particles = bench.writeParticles("in.star", poses, [flatOptics(1), flatOptics(2)], (i) => ({
      rlnOpticsGroup: 1 + (i % 2),
    }));
    const kept = projections(KEPT, poses);
    const expected = grain.map((value, k) => scaleOf(Math.floor(k / PIXELS)) * kept[k]! + value);
    for (const scale of ["optics", "particle"] as const) {
      const { scales } = await call(particles, { scale });
      const error = relativeDifference(bench.images("out.mrcs"), expected, expected);
      console.log(`--scale ${scale}: ${JSON.stringify(scales)}, off by ${error.toFixed(4)}`);
      scales.forEach((found, i) => {
        expect(found.group).toBe(`group${i + 1}`);
        // The noise of 20 images leaves less than a hundredth of either scale open.
        expect(Math.abs(found.scale / scaleOf(i) - 1)).toBeLessThan(0.02);
      });
      expect(error).toBeLessThan(INTERPOLATION);
    }
  });

  test("optics groups of their own box and pixel size each get a stack, and lose the same body", async () => {
    const other = { boxPx: 48, pixelSizeA: 4 };
    const fine = makePoses(10);
    const grain48 = noise(Math.ceil((10 * 48 * 48) / PIXELS), 6, 0.3).slice(0, 10 * 48 * 48);
    bench.writeStack("images.mrcs", sum(projections(both(), poses), grain), COUNT);
    bench.writeStack("fine.mrcs", sum(projections(both(), fine, 4, 48), grain48), 10, 48, 4);
    const optics = [flatOptics(1), flatOptics(2, { rlnImagePixelSize: other.pixelSizeA, rlnImageSize: other.boxPx })];
    const particles = bench.writeParticles("in.star", [...poses, ...fine], optics, (i) =>
      i < COUNT ? {} : { rlnImageName: `${String(i - COUNT + 1).padStart(6, "0")}@fine.mrcs`, rlnOpticsGroup: 2 },
    );
    const { files } = await call(particles);
    expect(files.stacks).toEqual([bench.path("out_1.mrcs"), bench.path("out_2.mrcs")]);
    const expected = sum(projections(KEPT, fine, 4, 48), grain48);
    expect(relativeDifference(bench.images("out_2.mrcs"), expected, expected)).toBeLessThan(INTERPOLATION);
    expect(bench.column("out.star", "rlnImageName").slice(COUNT - 1, COUNT + 1)).toEqual([
      "000040@out_1.mrcs",
      "000001@out_2.mrcs",
    ]);
  });

  test("each half-set loses its own map's density", async () => {
    bench.writeStack("images.mrcs", sum(projections(both(), poses), grain), COUNT);
    const particles = bench.writeParticles("in.star", poses, [flatOptics()], (i) => ({ rlnRandomSubset: 1 + (i % 2) }));
    const reference2 = bench.writeMap("half2.mrc", new Float32Array(BOX_PX ** 3));
    await call(particles, { reference2, scale: "none" });
    const [before, after] = [bench.images("images.mrcs"), bench.images("out.mrcs")];
    const image = (stack: Float32Array, i: number) => stack.slice(i * PIXELS, (i + 1) * PIXELS);
    for (let i = 0; i < COUNT; i++) {
      const change = relativeDifference(image(after, i), image(before, i), image(before, i));
      if (i % 2 === 1) expect(change).toBe(0);
      else expect(change).toBeGreaterThan(0.3);
    }
  });

  test("recentred, what is left lies within a pixel of the centre, where the new origins say", async () => {
    bench.writeStack("images.mrcs", projections(both(), poses), COUNT);
    const particles = bench.writeParticles("in.star", poses, [flatOptics()]);
    const { centreA } = await call(particles, { scale: "none", recentre: true });
    centreA!.forEach((c, axis) => {
      expect(c).toBeCloseTo(KEPT_CENTRE[axis]!, 0);
    });
    // A map of what is left is centred on the mask: the same body about that centre, at the poses of the new file.
    const about = makeBlobs(
      Array.from({ length: KEPT.count }, (_, i) => ({
        xA: KEPT.xA[i]! - centreA![0],
        yA: KEPT.yA[i]! - centreA![1],
        zA: KEPT.zA[i]! - centreA![2],
        sigmaA: KEPT.sigmaA[i]!,
        weight: KEPT.weight[i]!,
      })),
    );
    const table = readPoses(bench.path("out.star"), {});
    const moved = poses.map(({ rotation }, i): Pose => {
      const shiftPx = [table.shiftPx[2 * i]!, table.shiftPx[2 * i + 1]!] as const;
      expect(Math.max(...shiftPx.map(Math.abs))).toBeLessThanOrEqual(0.5);
      return { rotation, shiftPx };
    });
    const expected = projections(about, moved);
    // Bodies as small as this and nothing else: interpolation counts for more of them.
    expect(relativeDifference(bench.images("out.mrcs"), expected, expected)).toBeLessThan(2 * INTERPOLATION);
  });

  test("the new file keeps every column, says where each image came from, and keeps half-sets", async () => {
    bench.writeStack("images.mrcs", sum(projections(both(), poses), grain), COUNT);
    const particles = bench.writeParticles("in.star", poses, [flatOptics()], (i) => ({ someoneElses: `kept_${i}` }));
    await expand({ particles, out: bench.path("expanded.star"), symmetry: "C2" });
    await call(bench.path("expanded.star"), { seed: 3 });
    const original = bench.column("out.star", "rlnImageOriginalName");
    expect(bench.column("out.star", "rlnImageName").at(-1)).toBe("000080@out.mrcs");
    expect(original.slice(0, 3)).toEqual(["000001@images.mrcs", "000001@images.mrcs", "000002@images.mrcs"]);
    expect(bench.column("out.star", "someoneElses").slice(0, 3)).toEqual(["kept_0", "kept_0", "kept_1"]);
    // Copies of one image have names of their own now: their half-set is written down, that of the original's name.
    const half = bench.column("out.star", "rlnRandomSubset");
    for (let row = 0; row < half.length; row += 2) expect(half[row + 1]).toBe(half[row]);
    expect(new Set(half)).toEqual(new Set(["1", "2"]));
  });
});

describe("subtract refuses", () => {
  const bench = new Bench();
  const poses = makePoses(4);
  let particles: string;
  let reference: string;
  let mask: string;
  beforeAll(() => {
    bench.writeStack("images.mrcs", projections(both(), poses), poses.length);
    particles = bench.writeParticles("in.star", poses, [flatOptics()], (i) => ({ rlnRandomSubset: 1 + (i % 2) }));
    reference = bench.writeMap("map.mrc", density(both()));
    mask = bench.writeMap("mask.mrc", keepMask());
  });
  afterAll(bench.remove);

  const refused = async (over: Partial<Parameters<typeof subtract>[0]>, message: string | RegExp) => {
    await expect(subtract({ particles, reference, mask, out: bench.path("no"), ...over }, context)).rejects.toThrow(
      message,
    );
    expect(() => bench.images("no.mrcs")).toThrow("cannot read");
  };

  test("masks that are maps, that keep all or nothing, or that lie on another grid", async () => {
    await refused({ mask: reference }, /map\.mrc: expected a mask with values from 0 to 1, got/);
    const constant = (name: string, value: number) => bench.writeMap(name, new Float32Array(BOX_PX ** 3).fill(value));
    await refused({ mask: constant("ones.mrc", 1) }, "got 1 everywhere: nothing to subtract");
    await refused({ mask: constant("zeros.mrc", 0) }, "got 0 everywhere");
    await refused({ mask: bench.writeMap("small.mrc", new Float32Array(16 ** 3).fill(0.5)) }, "expected the grid of");
    await refused({ reference2: bench.writeMap("coarse.mrc", density(both()), 7) }, "got 32 px of 7.000 Å");
  });

  test("particles without poses, and images whose contrast is inverted", async () => {
    const blind = bench.writeParticles("blind.star", poses, [flatOptics()], () => ({ rlnAngleRot: undefined }));
    await refused({ particles: blind }, "has no poses");
    const inverted = bench.writeMap(
      "inverted.mrc",
      density(both()).map((value) => -value),
    );
    await refused(
      { reference: inverted },
      /optics group group1: expected images that show the map, got a grey scale of -/,
    );
  });

  test("to write over the images that it reads", async () => {
    await refused({ out: bench.path("images") }, "images.mrcs holds the images of");
  });
});
