import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DataError, ShapeError } from "../../src/core/errors.ts";
import { eulerToMatrixInto } from "../../src/geometry/euler.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { halfLength, signedFrequency } from "../../src/geometry/shells.ts";
import { blobDensityInto, blobProjectionInto } from "../../src/map/blob-density.ts";
import { type Blobs, blobFourierInto, makeBlobs } from "../../src/map/blobs.ts";
import { blobsOfAtoms, centreOfMassA, readPdbAtoms } from "../../src/map/pdb-model.ts";
import { makePhantom } from "../../src/map/phantom.ts";
import { hasSharedData, sharedData } from "../support/shared-data.ts";
import { plainFft } from "./plain-fft.ts";

const few = makeBlobs([
  { xA: 5, yA: -3, zA: 8, sigmaA: 2, weight: 3 },
  { xA: -7.3, yA: 4.1, zA: -2.2, sigmaA: 1, weight: 1.5 },
  { xA: 0.4, yA: 9, zA: 1, sigmaA: 4, weight: -1 },
]);

describe("Gaussian molecules", () => {
  test("an output of another length is refused", () => {
    expect(() => blobDensityInto(new Float32Array(7), 8, 1, few)).toThrow(ShapeError);
    expect(() => blobProjectionInto(new Float32Array(64), 8, 1, few, [1, 0, 0])).toThrow(ShapeError);
  });

  test.each([14, 15])(
    "the DFT of the density on %i³ is the closed form at every frequency below Nyquist",
    async (n) => {
      const pixelSizeA = 2.5;
      const map = blobDensityInto(new Float32Array(n ** 3), n, pixelSizeA, few);
      const transform = await plainFft.forward(map, n);
      const exact = new Float64Array(2);
      const centre = Math.floor(n / 2);
      const length = halfLength(n);
      for (let o = 0; o < n * n * length; o++) {
        const k = [
          o % length,
          signedFrequency(Math.floor(o / length) % n, n),
          signedFrequency(Math.floor(o / length / n), n),
        ];
        if (k.some((value) => 2 * Math.abs(value) === n)) continue;
        blobFourierInto(exact, few, ...(k.map((value) => value / (n * pixelSizeA)) as [number, number, number]));
        // The DFT's phase refers to voxel 0, the closed form's to the centre voxel.
        const turn = (2 * Math.PI * centre * (k[0]! + k[1]! + k[2]!)) / n;
        const real = transform[2 * o]! * Math.cos(turn) - transform[2 * o + 1]! * Math.sin(turn);
        const imaginary = transform[2 * o]! * Math.sin(turn) + transform[2 * o + 1]! * Math.cos(turn);
        // 2e-6: voxels in single precision, weights near 1.
        expect(Math.abs(real - exact[0]!)).toBeLessThan(2e-6);
        expect(Math.abs(imaginary - exact[1]!)).toBeLessThan(2e-6);
      }
    },
  );

  test("a projection's transform is the central slice V(R k), shifted by exp(-2πi k·t/N)", () => {
    const [n, pixelSizeA, tx, ty] = [16, 2.5, 1.3, -2.6];
    const rotation = new Float64Array(9);
    eulerToMatrixInto(rotation, 0, 0.7, 1.1, -2);
    const image = blobProjectionInto(new Float32Array(n * n), n, pixelSizeA, few, rotation, tx, ty);
    const exact = new Float64Array(2);
    for (const [kx, ky] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [3, -2],
      [5, 7],
      [7, -7],
    ] as const) {
      let [real, imaginary] = [0, 0];
      for (let y = 0; y < n; y++) {
        for (let x = 0; x < n; x++) {
          const turn = (-2 * Math.PI * (kx * (x - n / 2) + ky * (y - n / 2))) / n;
          real += image[y * n + x]! * Math.cos(turn);
          imaginary += image[y * n + x]! * Math.sin(turn);
        }
      }
      const s = [0, 1, 2].map((row) => (rotation[3 * row]! * kx + rotation[3 * row + 1]! * ky) / (n * pixelSizeA));
      blobFourierInto(exact, few, s[0]!, s[1]!, s[2]!);
      const turn = (-2 * Math.PI * (kx * tx + ky * ty)) / n;
      expect(real).toBeCloseTo(exact[0]! * Math.cos(turn) - exact[1]! * Math.sin(turn), 5);
      expect(imaginary).toBeCloseTo(exact[0]! * Math.sin(turn) + exact[1]! * Math.cos(turn), 5);
    }
  });
});

/** Second moments about the centre, Å². */
function moments(blobs: Blobs) {
  const mean = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0) / blobs.count;
  return [mean(blobs.xA, blobs.xA), mean(blobs.yA, blobs.yA), mean(blobs.zA, blobs.zA), mean(blobs.xA, blobs.yA)];
}

describe("the built-in molecule", () => {
  const phantom = makePhantom(1);

  test("is the same for the same seed and another for another", () => {
    expect(makePhantom(1)).toEqual(phantom);
    expect(makePhantom(2).xA).not.toEqual(phantom.xA);
  });

  test("is 150–200 Å across, centred, longer than wide, with over a thousand residues", () => {
    let radiusA = 0;
    for (let i = 0; i < phantom.count; i++) {
      radiusA = Math.max(radiusA, Math.hypot(phantom.xA[i]!, phantom.yA[i]!, phantom.zA[i]!));
    }
    expect(2 * radiusA).toBeGreaterThan(150);
    expect(2 * radiusA).toBeLessThan(200);
    expect(phantom.count).toBeGreaterThan(1200);
    for (const column of [phantom.xA, phantom.yA, phantom.zA]) {
      expect(column.reduce((sum, value, i) => sum + value * phantom.weight[i]!, 0)).toBeCloseTo(0, 6);
    }
    const [x, y, z] = moments(phantom) as [number, number, number];
    expect(x / y).toBeGreaterThan(1.3);
    expect(x / z).toBeGreaterThan(1.3);
  });

  test("has detail: at 8 Å its mean power is of the order of independent residues'", () => {
    const exact = new Float64Array(2);
    let power = 0;
    const directionCount = 200;
    for (let i = 0; i < directionCount; i++) {
      const z = (2 * i + 1) / directionCount - 1;
      const phi = i * Math.PI * (3 - Math.sqrt(5));
      const radius = Math.sqrt(1 - z * z);
      blobFourierInto(exact, phantom, (radius * Math.cos(phi)) / 8, (radius * Math.sin(phi)) / 8, z / 8);
      power += (exact[0]! ** 2 + exact[1]! ** 2) / directionCount;
    }
    const motion = Math.exp((-4 * Math.PI ** 2 * phantom.sigmaA[0]! ** 2) / 64);
    const independent = motion * phantom.weight.reduce((sum, weight) => sum + weight ** 2, 0);
    expect(power / independent).toBeGreaterThan(0.3);
  });
});

describe("PDB models", () => {
  const line = (name: string, x: string, occupancy = "  1.00", element = "  ") =>
    `ATOM      1 ${name} ALA A   1    ${x}   0.000   3.500${occupancy}  0.00          ${element}`;

  test("a file without atoms and a broken coordinate are refused, with file and line", () => {
    expect(() => readPdbAtoms("HEADER\n", "a.pdb")).toThrow(DataError);
    expect(() => readPdbAtoms(line(" CA ", "  1.0x00"), "a.pdb")).toThrow(/a\.pdb:1: expected three coordinates/);
  });

  test("positions, elements and occupancies are read by column, up to the first model's end", () => {
    const text = [
      line(" CA ", "   1.500"),
      line("FE  ", "  -2.500", "  0.50"),
      line(" N  ", "   0.000", "  1.00", " O"),
    ];
    const atoms = readPdbAtoms([...text, "ENDMDL", line(" CA ", "   9.000")].join("\n"), "a.pdb");
    expect(atoms.map((atom) => [atom.xA, atom.zA, atom.weight])).toEqual([
      [1.5, 3.5, 6],
      [-2.5, 3.5, 13],
      [0, 3.5, 8],
    ]);
    expect(centreOfMassA(atoms)[0]).toBeCloseTo((9 - 32.5) / 27, 12);
  });

  test("at 20 Å resolution the transform falls to 1/e at 1/20 Å", () => {
    const blobs = blobsOfAtoms([{ xA: 3, yA: 4, zA: 5, weight: 7, bFactorA2: 0 }], 20);
    const exact = new Float64Array(2);
    blobFourierInto(exact, blobs, 0, 0.05, 0);
    expect(exact[0]! / 7).toBeCloseTo(Math.exp(-1), 10);
    expect(exact[1]).toBeCloseTo(0, 12);
  });

  const model = "maps/apoferritin_ca_apo_sym.pdb";
  test.skipIf(!hasSharedData(model))(
    "the apoferritin model at 30 Å is a shell with the symmetry O on RELION's axes",
    () => {
      const atoms = readPdbAtoms(readFileSync(sharedData(model), "utf8"), model);
      expect(atoms.length % 24).toBe(0);
      const blobs = blobsOfAtoms(atoms, 30);
      const [a, b] = [new Float64Array(2), new Float64Array(2)];
      const s = [0.011, 0.017, -0.023] as const;
      blobFourierInto(a, blobs, ...s);
      const mass = blobs.weight.reduce((sum, weight) => sum + weight, 0);
      expect(Math.hypot(a[0]!, a[1]!)).toBeGreaterThan(5e-3 * mass);
      const group = pointGroup("O");
      for (let g = 1; g < group.order; g++) {
        const m = (row: number) =>
          group.matrices[9 * g + 3 * row]! * s[0] +
          group.matrices[9 * g + 3 * row + 1]! * s[1] +
          group.matrices[9 * g + 3 * row + 2]! * s[2];
        blobFourierInto(b, blobs, m(0), m(1), m(2));
        // 2e-4 of the mass: coordinates of three decimals; here the transform itself is 0.9 % of it.
        expect(Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!)).toBeLessThan(2e-4 * mass);
      }
    },
  );
});
