import { describe, expect, test } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { parseStar } from "../../src/io/star/parse.ts";
import { type FromStarOptions, particlesFromStar } from "../../src/particles/from-star.ts";
import type { ParticleTable } from "../../src/particles/table.ts";
import { makeStarText } from "../support/make-particles.ts";

function load(text: string, options: FromStarOptions = {}): ParticleTable {
  return particlesFromStar(parseStar(new TextEncoder().encode(text), "x.star"), options);
}

/** The row of a label in the test file, for messages. */
const CTF_AND_NAME = { rlnImageName: "1@a.mrcs", rlnDefocusU: 15000, rlnDefocusV: 14000, rlnDefocusAngle: 30 };

describe("files that cannot be refined are refused with row and remedy", () => {
  const optics = {
    rlnOpticsGroup: 1,
    rlnVoltage: 300,
    rlnSphericalAberration: 2.7,
    rlnAmplitudeContrast: 0.1,
    rlnImagePixelSize: 2,
  };
  const row = { ...CTF_AND_NAME, rlnOpticsGroup: 1 };
  const cases: [string, string, RegExp][] = [
    [
      "no image names",
      makeStarText([optics], [{ rlnDefocusU: 1 }]),
      /expected a particle table with a column rlnImageName/,
    ],
    ["no rows", makeStarText([optics], [row]).replace(/\n1@.*/, ""), /data_particles has no particles/],
    [
      "image 0",
      makeStarText([optics], [row, { ...row, rlnImageName: "000@a.mrcs" }]),
      /x.star:\d+: rlnImageName: .* got 000@a.mrcs. Images are counted from 1/,
    ],
    [
      "a name without a number",
      makeStarText([optics], [{ ...row, rlnImageName: "x@a.mrcs" }]),
      /expected NUMBER@STACK/,
    ],
    ["a name without a stack", makeStarText([optics], [{ ...row, rlnImageName: "1@" }]), /expected NUMBER@STACK/],
    [
      "an unknown optics group",
      makeStarText([optics], [row, { ...row, rlnImageName: "2@a.mrcs", rlnOpticsGroup: 3 }]),
      /x.star:\d+: rlnOpticsGroup 3 has no row in data_optics \(groups: 1\)/,
    ],
    ["an optics group twice", makeStarText([optics, optics], [row]), /optics group 1 appears twice/],
    [
      "no pixel size",
      makeStarText([{ ...optics, rlnImagePixelSize: undefined }], [row]),
      /data_optics lacks rlnImagePixelSize/,
    ],
    [
      "no voltage and contrast",
      makeStarText([{ ...optics, rlnVoltage: undefined, rlnAmplitudeContrast: undefined }], [row]),
      /lacks rlnVoltage, rlnAmplitudeContrast. Add the columns/,
    ],
    [
      "no defocus",
      makeStarText([optics], [{ rlnImageName: "1@a.mrcs", rlnOpticsGroup: 1 }]),
      /data_particles lacks rlnDefocusU, rlnDefocusV, rlnDefocusAngle/,
    ],
    ["volts for kilovolts", makeStarText([{ ...optics, rlnVoltage: 300000 }], [row]), /rlnVoltage: expected kV/],
    [
      "zero pixel size",
      makeStarText([{ ...optics, rlnImagePixelSize: 0 }], [row]),
      /pixel size: expected Å per pixel above 0/,
    ],
    [
      "contrast of 7 %",
      makeStarText([{ ...optics, rlnAmplitudeContrast: 7 }], [row]),
      /rlnAmplitudeContrast: expected 0 to 1/,
    ],
    [
      "a non-finite defocus",
      makeStarText([optics], [{ ...row, rlnDefocusU: "nan" }]),
      /x.star:\d+: rlnDefocusU: expected a finite number, got NaN/,
    ],
    ["half-set 3", makeStarText([optics], [{ ...row, rlnRandomSubset: 3 }]), /rlnRandomSubset: expected 1 or 2, got 3/],
    [
      "one image in both halves",
      makeStarText(
        [optics],
        [
          { ...row, rlnRandomSubset: 1 },
          { ...row, rlnRandomSubset: 2 },
        ],
      ),
      /stands in both half-sets/,
    ],
    [
      "beam tilt in the rows of a file with optics groups",
      makeStarText([optics], [{ ...row, rlnBeamTiltY: 0.5 }]),
      /rlnBeamTiltY is 0.5: it is applied where it stands in data_optics/,
    ],
    ["a magnification that is none", makeStarText([{ ...optics, rlnMagMat00: 0 }], [row]), /got determinant 0/],
    [
      "Zernike terms that are no numbers",
      makeStarText([{ ...optics, rlnOddZernike: "[0,x]" }], [row]),
      /rlnOddZernike: expected a list of numbers \[c0,c1,…\], got \[0,x\]/,
    ],
    [
      "coma as beam tilt and as a Zernike term",
      makeStarText([{ ...optics, rlnBeamTiltX: 0.1, rlnOddZernike: "[0,0,0,4]" }], [row]),
      /coma is stated twice/,
    ],
    [
      "images with flipped phases",
      makeStarText([{ ...optics, rlnCtfDataArePhaseFlipped: 1 }], [row]),
      /rlnCtfDataArePhaseFlipped is 1: images with flipped phases is not modelled/,
    ],
    [
      "subtomograms",
      makeStarText([{ ...optics, rlnImageDimensionality: 3 }], [row]),
      /rlnImageDimensionality: expected 2/,
    ],
    [
      "a CTF B-factor that is no number",
      makeStarText([optics], [{ ...row, rlnCtfBfactor: "nan" }]),
      /rlnCtfBfactor: expected a finite number/,
    ],
  ];
  test.each(cases)("%s", (_name, text, message) => {
    expect(() => load(text)).toThrow(DataError);
    expect(() => load(text)).toThrow(message);
  });

  test("all problems of a file are reported together", () => {
    const rows = Array.from({ length: 25 }, (_, i) => ({ ...row, rlnImageName: `0@${i}.mrcs`, rlnRandomSubset: 7 }));
    expect(() => load(makeStarText([{ ...optics, rlnConvergenceCone: 1 }], rows))).toThrow(
      /x.star: 51 problems:(.|\n)*and 41 more/,
    );
  });

  test("aberrations may be ignored on request, premultiplied images may not", () => {
    const text = makeStarText([{ ...optics, rlnBeamTiltX: 0.5, rlnEvenZernike: "[1]" }], [row]);
    expect(load(text).opticsGroups[0]!.aberrations).toMatchObject({ beamTiltXMrad: 0.5, evenZernike: [1] });
    expect(load(text, { ignoreAberrations: true }).opticsGroups[0]!.aberrations).toBeUndefined();
    const premultiplied = makeStarText([{ ...optics, rlnCtfDataAreCtfPremultiplied: 1 }], [row]);
    expect(load(premultiplied, { ignoreAberrations: true }).opticsGroups[0]!.isPremultiplied).toBe(true);
  });

  test("B-factor and scale factor of each particle's CTF are read", () => {
    const table = load(makeStarText([optics], [{ ...row, rlnCtfBfactor: 40, rlnCtfScalefactor: 0.7 }]));
    expect([table.ctfBFactorA2![0], table.ctfScale![0]]).toEqual([40, Math.fround(0.7)]);
  });

  test("neutral values of aberrations are accepted", () => {
    const neutral = {
      rlnBeamTiltX: 0,
      rlnOddZernike: "[0,0,0]",
      rlnEvenZernike: "[]",
      rlnMagMat00: 1,
      rlnMagMat01: "-0.0",
      rlnMagMat11: 1,
    };
    expect(load(makeStarText([{ ...optics, ...neutral }], [{ ...row, rlnCtfScalefactor: 1 }])).count).toBe(1);
  });

  test("a group without particles is left out and said, its beam tilt does not matter", () => {
    const table = load(
      makeStarText(
        [
          { ...optics, rlnOpticsGroupName: "used" },
          { ...optics, rlnOpticsGroup: 2, rlnOpticsGroupName: "empty", rlnBeamTiltX: 1 },
        ],
        [row],
      ),
    );
    expect(table.opticsGroups.map((group) => group.name)).toEqual(["used"]);
    expect(table.notes).toEqual(["x.star: optics groups without particles are left out: empty."]);
  });
});
