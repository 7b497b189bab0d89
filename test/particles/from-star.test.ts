import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { readStarFile } from "../../src/io/node/star-file.ts";
import { parseStar } from "../../src/io/star/parse.ts";
import { type FromStarOptions, particlesFromStar } from "../../src/particles/from-star.ts";
import type { ParticleTable } from "../../src/particles/table.ts";
import { makeStarText } from "../support/make-particles.ts";
import { hasSharedData, sharedData } from "../support/shared-data.ts";

const DEG = Math.PI / 180;

function load(text: string, options: FromStarOptions = {}): ParticleTable {
  return particlesFromStar(parseStar(new TextEncoder().encode(text), "x.star"), options);
}

/** The row of a label in the test file, for messages. */
const CTF_AND_NAME = { rlnImageName: "1@a.mrcs", rlnDefocusU: 15000, rlnDefocusV: 14000, rlnDefocusAngle: 30 };

test("columns become columns with the program's units and signs", () => {
  const optics = {
    rlnOpticsGroup: 7,
    rlnOpticsGroupName: "og",
    rlnVoltage: 200,
    rlnSphericalAberration: 2.7,
    rlnAmplitudeContrast: 0.07,
    rlnImagePixelSize: 2,
    rlnImageSize: 64,
  };
  const rows = [
    {
      ...CTF_AND_NAME,
      rlnOpticsGroup: 7,
      rlnPhaseShift: 90,
      rlnOriginXAngst: 3,
      rlnOriginYAngst: -5,
      rlnAngleRot: 10,
      rlnAngleTilt: 0,
      rlnAnglePsi: 20,
      rlnMicrographName: "m2",
      rlnRandomSubset: 2,
    },
    {
      ...CTF_AND_NAME,
      rlnImageName: "000012@b.mrcs",
      rlnOpticsGroup: 7,
      rlnPhaseShift: 0,
      rlnOriginXAngst: 0,
      rlnOriginYAngst: 0,
      rlnAngleRot: 0,
      rlnAngleTilt: 90,
      rlnAnglePsi: 0,
      rlnMicrographName: "m1",
      rlnRandomSubset: 1,
    },
  ];
  const table = load(makeStarText([optics], rows));
  expect(table.opticsGroups).toEqual([
    {
      name: "og",
      number: 7,
      voltageKv: 200,
      sphericalAberrationMm: 2.7,
      amplitudeContrast: 0.07,
      pixelSizeA: 2,
      boxPx: 64,
      imageSign: 1,
    },
  ]);
  expect([...table.shiftPx]).toEqual([-1.5, 2.5, 0, 0]);
  expect(table.phaseShiftRad[0]).toBeCloseTo(Math.PI / 2, 6);
  expect(table.defocusAngleRad[0]).toBeCloseTo(30 * DEG, 6);
  expect([table.imageName(0), table.imageName(1)]).toEqual(["000001@a.mrcs", "000012@b.mrcs"]);
  expect([...table.imageSlice]).toEqual([0, 11]);
  expect([table.micrographNames, [...table.micrograph]]).toEqual([
    ["m2", "m1"],
    [0, 1],
  ]);
  expect([...table.randomSubset]).toEqual([2, 1]);
  expect(table.hasPoses).toBe(true);
  // Rot and psi about one axis: a rotation of 30° about z; then 90° about y.
  const expected = [Math.cos(15 * DEG), 0, 0, Math.sin(15 * DEG), Math.SQRT1_2, 0, Math.SQRT1_2, 0];
  table.rotation.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 12);
  });
});

test("the two block orders give the same table", () => {
  const optics = {
    rlnOpticsGroup: 1,
    rlnVoltage: 300,
    rlnSphericalAberration: 2.7,
    rlnAmplitudeContrast: 0.1,
    rlnImagePixelSize: 2,
  };
  const text = makeStarText([optics], [{ ...CTF_AND_NAME, rlnOpticsGroup: 1 }]);
  const cut = text.indexOf("data_particles");
  const { source: _a, placeOf: _b, imageName: _c, ...first } = load(text);
  const { source: _d, placeOf: _e, imageName: _f, ...second } = load(text.slice(cut) + text.slice(0, cut));
  expect(second).toEqual(first);
});

test("copies of an image in one half-set are kept and counted", () => {
  const optics = {
    rlnOpticsGroup: 1,
    rlnVoltage: 300,
    rlnSphericalAberration: 2.7,
    rlnAmplitudeContrast: 0.1,
    rlnImagePixelSize: 2,
  };
  const row = { ...CTF_AND_NAME, rlnOpticsGroup: 1 };
  const table = load(makeStarText([optics], [row, row, { ...row, rlnImageName: "01@a.mrcs" }]));
  expect(table.notes).toEqual([
    "x.star: 2 rows repeat an image of an earlier row (symmetry expansion?); all are used.",
  ]);
});

test("a given pixel size replaces the file's, for origins too", () => {
  const optics = {
    rlnOpticsGroup: 1,
    rlnVoltage: 300,
    rlnSphericalAberration: 2.7,
    rlnAmplitudeContrast: 0.1,
    rlnImagePixelSize: 2,
  };
  const table = load(makeStarText([optics], [{ ...CTF_AND_NAME, rlnOpticsGroup: 1, rlnOriginXAngst: 3 }]), {
    pixelSizeA: 1.5,
  });
  expect([table.opticsGroups[0]!.pixelSizeA, table.shiftPx[0]]).toEqual([1.5, -2]);
});

test("damaged files are read or refused, never a crash", () => {
  const optics = {
    rlnOpticsGroup: 1,
    rlnVoltage: 300,
    rlnSphericalAberration: 2.7,
    rlnAmplitudeContrast: 0.1,
    rlnImagePixelSize: 2,
  };
  const valid = new TextEncoder().encode(
    makeStarText([optics], [{ ...CTF_AND_NAME, rlnOpticsGroup: 1, rlnRandomSubset: 1, rlnAngleRot: 1 }]),
  );
  const damage = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 9, max: 126 })), { maxLength: 6 });
  fc.assert(
    fc.property(damage, fc.nat(valid.length), (changes, length) => {
      const bytes = valid.slice();
      for (const [at, value] of changes) bytes[at] = value;
      try {
        particlesFromStar(parseStar(length % 2 === 0 ? bytes : bytes.subarray(0, length), "x.star"));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(DataError);
      }
    }),
    { numRuns: 1000 },
  );
});

const FILES = [
  "ribosome-64/truth.star",
  "apoferritin-dev/apo_dev_relion_poses.star",
  "stacks/sample_relion_data.star",
  "stacks/rln_proj_64.star",
  "star/relion5.star",
  "star/relion30-PfCRT.star",
  "star/relion31-two-tables.star",
];
describe.skipIf(!hasSharedData(...FILES))("STAR files of other programs", () => {
  const table = (path: string, options: FromStarOptions = {}) =>
    particlesFromStar(readStarFile(sharedData(path)), options);

  test("the simulated ribosomes have 2000 particles with poses in one group", () => {
    const ribosome = table("ribosome-64/truth.star");
    expect([ribosome.count, ribosome.hasPoses, ribosome.opticsGroups.length]).toEqual([2000, true, 1]);
    expect(ribosome.opticsGroups[0]).toMatchObject({
      voltageKv: 300,
      pixelSizeA: 5,
      boxPx: 64,
      amplitudeContrast: 0.1,
    });
    // -(-7.903403 Å) / 5 Å
    expect(ribosome.shiftPx[0]).toBeCloseTo(1.5806806, 6);
  });

  test("a 3.0 file takes its pixel size from magnification and detector pixel, its origins in px", () => {
    const sample = table("stacks/sample_relion_data.star");
    expect(sample.count).toBe(17);
    expect(sample.opticsGroups).toHaveLength(1);
    expect(sample.opticsGroups[0]!.pixelSizeA).toBeCloseTo((1e4 * 5) / 37369.207031, 9);
    expect(sample.shiftPx[0]).toBeCloseTo(-0.1996, 6);
    expect(sample.defocusUA[0]).toBeCloseTo(21186.804688, 1);
  });

  test("RELION's poses of apoferritin carry half-sets and origins", () => {
    const apo = table("apoferritin-dev/apo_dev_relion_poses.star");
    expect([apo.count, apo.hasPoses]).toEqual([538, true]);
    expect(apo.randomSubset.every((half) => half === 1 || half === 2)).toBe(true);
    expect(apo.shiftPx[0]).toBeCloseTo(-0.019002 / 3, 8);
  });

  test("projections without CTF columns are read when the CTF is not asked for", () => {
    expect(() => table("stacks/rln_proj_64.star")).toThrow(/lacks rlnDefocusU/);
    expect(() => table("stacks/rln_proj_64.star", { requireCtf: false })).toThrow(/no pixel size/);
    const projections = table("stacks/rln_proj_64.star", { requireCtf: false, pixelSizeA: 1 });
    expect([projections.count, projections.hasCtf, projections.hasPoses]).toEqual([5, false, true]);
  });

  test("a RELION 5 file is read whole, aberrations and all", () => {
    const group = table("star/relion5.star").opticsGroups[0]!;
    expect(group.aberrations).toMatchObject({ beamTiltXMrad: 0.043489, beamTiltYMrad: 0.014097 });
    expect(group.aberrations!.oddZernike).toHaveLength(6);
    expect(group.aberrations!.evenZernike).toHaveLength(9);
    expect(group.aberrations!.magnification).toEqual([1.001833, -7.04404e-4, -8.23335e-4, 1.000381]);
    expect(group.isPremultiplied ?? false).toBe(false);
    const ignored = table("star/relion5.star", { ignoreAberrations: true });
    expect(ignored.opticsGroups[0]).toMatchObject({ voltageKv: 100, boxPx: 448, pixelSizeA: 0.89 });
    expect(ignored.opticsGroups[0]!.aberrations).toBeUndefined();
  });

  test("a 3.0 file without amplitude contrast is refused by that name", () => {
    expect(() => table("star/relion30-PfCRT.star")).toThrow(/lacks rlnAmplitudeContrast/);
  });

  test("two micrographs of a 3.1 file are told apart", () => {
    const two = table("star/relion31-two-tables.star");
    expect(new Set(two.micrograph).size).toBe(two.micrographNames.length);
    expect(two.opticsGroups[0]!.pixelSizeA).toBe(2.806);
  });
});
