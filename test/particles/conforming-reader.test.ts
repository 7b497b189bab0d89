import { afterAll, describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import { parseStar } from "../../src/io/star/parse.ts";
import { commonGrid, frequencyMatrix, fromCommonShift, toCommonShift } from "../../src/particles/common-grid.ts";
import { ConformingReader } from "../../src/particles/conforming-reader.ts";
import { particlesFromStar } from "../../src/particles/from-star.ts";
import type { ImageSource } from "../../src/particles/image-source.ts";
import { ctfEnvelopeOf, symmetricPhaseOf } from "../../src/particles/symmetric-phase.ts";
import { opticsRows } from "../../src/refine/dataset.ts";
import { Projector } from "../../src/simulate/projector.ts";
import { makeStarText } from "../support/make-particles.ts";

const BOX = 32;
const PIXEL_A = 2;
/** Interpolation once on the way there and once back, and the ring of shells that a magnification takes beyond the box. */
const THERE_AND_BACK = 0.02;

const scope = { rlnVoltage: 300, rlnSphericalAberration: 2.7, rlnAmplitudeContrast: 0.1 };
const square = { rlnMagMat00: 1, rlnMagMat11: 1 };
const plain = { rlnOpticsGroup: 1, ...scope, rlnImagePixelSize: PIXEL_A, rlnImageSize: BOX, ...square };
const bent = {
  ...plain,
  rlnOpticsGroup: 2,
  rlnBeamTiltX: 1.5,
  rlnBeamTiltY: -1,
  rlnOddZernike: "[0,0,8,0,0,-6]",
  rlnEvenZernike: "[0,0,0,0,40,0,-25]",
  rlnMagMat00: 1.03,
  rlnMagMat01: 0.01,
  rlnMagMat10: -0.01,
  rlnMagMat11: 0.98,
};
const premultiplied = { ...plain, rlnOpticsGroup: 3, rlnCtfDataAreCtfPremultiplied: 1 };
const row = { rlnDefocusU: 9000, rlnDefocusV: 8000, rlnDefocusAngle: 40, rlnCtfBfactor: 20, rlnCtfScalefactor: 0.9 };

/** A lopsided cluster of Gaussians well inside the box. */
const map = Float32Array.from({ length: BOX ** 3 }, (_, i) => {
  const [x, y, z] = [i % BOX, Math.floor(i / BOX) % BOX, Math.floor(i / BOX ** 2)].map((v) => v - BOX / 2) as [
    number,
    number,
    number,
  ];
  const at = (a: number, b: number, c: number, sd: number) =>
    Math.exp(-((x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2) / (2 * sd * sd));
  return at(3, -2, 1, 1.3) + 0.7 * at(-4, 3, 0, 1.6) + 0.9 * at(0, 4, -3, 1.2);
});

describe("images on their way to the common grid", () => {
  const device = openDevice();
  afterAll(() => device.close());
  const rows = [1, 2, 3, 2].map((rlnOpticsGroup, i) => ({ rlnImageName: `${i + 1}@a.mrcs`, rlnOpticsGroup, ...row }));
  const table = particlesFromStar(
    parseStar(new TextEncoder().encode(makeStarText([plain, bent, premultiplied], rows)), "x.star"),
  );
  const source = { boxPx: BOX, pixelSizeA: PIXEL_A, groupBoxPx: [BOX, BOX, BOX] } as unknown as ImageSource;

  test("lose tilt, odd Zernike terms, magnification and a second CTF, and keep the CTF with its even terms", async () => {
    const optics = {
      ...{ voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1, phaseShiftRad: 0 },
      ...{ defocusUA: 9000, defocusVA: 8000, defocusAngleRad: (40 * Math.PI) / 180, bFactorA2: 20, ctfScale: 0.9 },
    };
    const groups = Array.from(table.opticsGroup, (g) => table.opticsGroups[g]!);
    const batch = {
      count: 4,
      rotations: Float64Array.from([1, 0, 0, 0, 0.8, 0.6, 0, 0, 0.6, 0, 0.8, 0, 0.8, 0, 0, 0.6]),
      shiftsPx: null,
      optics: groups.map(() => optics),
    };
    const projector = new Projector(device, map, BOX, PIXEL_A);
    const stored = await projector.makeImages({
      ...batch,
      aberrations: groups.map((group) => group.aberrations),
      isPremultiplied: groups.map((group) => group.isPremultiplied ?? false),
    });
    const even = groups.map((group) => group.aberrations && { ...group.aberrations, ...onlyEven });
    const wanted = await projector.makeImages({ ...batch, aberrations: even });
    projector.close();
    const envelope = ctfEnvelopeOf(table)!;
    const symmetricPhase = symmetricPhaseOf(table, PIXEL_A)!;
    const inner = {
      readInto(out: Float32Array, particles: Int32Array) {
        particles.forEach((p, i) => {
          out.set(stored.subarray(p * BOX * BOX, (p + 1) * BOX * BOX), i * BOX * BOX);
        });
      },
    };
    const model = { optics: opticsRows(table, PIXEL_A), envelope, symmetricPhase };
    const reader = new ConformingReader(device, inner, table, source, model);
    const got = new Float32Array(4 * BOX * BOX);
    await reader.readInto(got, Int32Array.of(0, 1, 2, 3));
    for (let i = 0; i < 4; i++) {
      const at = (images: Float32Array) => images.subarray(i * BOX * BOX, (i + 1) * BOX * BOX);
      expect(difference(at(got), at(wanted)), `image ${i}`).toBeLessThan(i === 0 ? 1e-6 : THERE_AND_BACK);
      if (i > 0) expect(difference(at(stored), at(wanted)), `image ${i} as stored`).toBeGreaterThan(0.1);
    }
  });
});

const onlyEven = {
  beamTiltXMrad: 0,
  beamTiltYMrad: 0,
  oddZernike: [],
  magnification: [1, 0, 0, 1] as const,
};

function difference(a: Float32Array, b: Float32Array): number {
  let [sum, norm] = [0, 0];
  b.forEach((value, i) => {
    sum += (a[i]! - value) ** 2;
    norm += value ** 2;
  });
  return Math.sqrt(sum / norm);
}

test("the common grid is that of the coarsest group, and shifts go there and back", () => {
  const fine = {
    ...plain,
    rlnOpticsGroup: 2,
    rlnImagePixelSize: 1.5,
    rlnImageSize: 48,
    rlnMagMat00: 1.02,
    rlnMagMat01: 0.01,
  };
  const rows = [1, 2].map((rlnOpticsGroup) => ({ rlnImageName: `${rlnOpticsGroup}@a.mrcs`, rlnOpticsGroup, ...row }));
  const text = makeStarText([plain, fine], rows);
  const table = particlesFromStar(parseStar(new TextEncoder().encode(text), "x.star"));
  const grid = commonGrid(table, [32, 48]);
  expect(grid).toEqual({ boxPx: 32, pixelSizeA: 2 });
  const matrix = frequencyMatrix(table.opticsGroups[1]!, 48, grid);
  const [x, y] = toCommonShift(matrix, 48, 32, 4, -2);
  const [backX, backY] = fromCommonShift(matrix, 48, 32, x, y);
  expect([backX, backY]).toEqual([expect.closeTo(4, 10), expect.closeTo(-2, 10)]);
  // Without magnification: 4 px of 1.5 Å are 3 px of 2 Å.
  const unbent = frequencyMatrix({ ...table.opticsGroups[1]!, aberrations: undefined } as never, 48, grid);
  expect(toCommonShift(unbent, 48, 32, 4, -2)[0]).toBeCloseTo(3, 10);
});
