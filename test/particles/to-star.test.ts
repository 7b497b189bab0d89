import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import { readStarFile } from "../../src/io/node/star-file.ts";
import { expectBlock } from "../../src/io/star/document.ts";
import { parseStar } from "../../src/io/star/parse.ts";
import { starText } from "../../src/io/star/write.ts";
import { particlesFromStar } from "../../src/particles/from-star.ts";
import { makeParticleTable, selectParticles } from "../../src/particles/table.ts";
import { particlesToStar } from "../../src/particles/to-star.ts";
import { makeStarText } from "../support/make-particles.ts";
import { hasSharedData, sharedData } from "../support/shared-data.ts";

const OPTICS = {
  rlnOpticsGroup: 2,
  rlnVoltage: 300,
  rlnSphericalAberration: 2.7,
  rlnAmplitudeContrast: 0.1,
  rlnImagePixelSize: 2,
  rlnMtfFileName: "k3.star",
};
const ROW = {
  rlnImageName: "1@a.mrcs",
  rlnDefocusU: 15000,
  rlnDefocusV: 14000,
  rlnDefocusAngle: 30,
  rlnOpticsGroup: 2,
  fooBar: "kept",
};
const parse = (text: string) => parseStar(new TextEncoder().encode(text), "x.star");
const example = () => particlesFromStar(parse(makeStarText([OPTICS], [ROW, { ...ROW, rlnImageName: "2@a.mrcs" }])));

test("results of the wrong length are refused", () => {
  expect(() => particlesToStar(example(), { normCorrection: [1] })).toThrow(ShapeError);
  expect(() => particlesToStar(example(), { rotation: new Float64Array(4) })).toThrow(/rotation/);
});

test("results join the columns of the input, which stay as they were", () => {
  const half = Math.SQRT1_2;
  const document = particlesToStar(example(), {
    rotation: Float64Array.of(half, 0, half, 0, 1, 0, 0, 0),
    shiftPx: Float32Array.of(1.5, -2, 0, 0),
    randomSubset: Uint8Array.of(1, 2),
    normCorrection: [0.9, 1.1],
    logLikelihood: [-1e6, 2],
    maxProbability: [0.25, 1e-5],
    significantSamples: [3, 4],
    classNumber: [1, 1],
    goodProbability: [0.99, 0.01],
    defocusUA: Float32Array.of(15100, 15200),
  });
  const { table } = expectBlock(parse(starText(document)), "particles");
  expect(table.labels.slice(0, 6)).toEqual(Object.keys(ROW));
  expect(table.texts("fooBar")).toEqual(["kept", "kept"]);
  expect(table.texts("rlnDefocusV")).toEqual(["14000", "14000"]);
  expect([...table.numbers("rlnDefocusU")]).toEqual([15100, 15200]);
  expect([...table.numbers("rlnAngleTilt")]).toEqual([90, 0]);
  expect([...table.numbers("rlnOriginXAngst")]).toEqual([-3, 0]);
  expect([...table.numbers("rlnOriginYAngst")]).toEqual([4, 0]);
  expect([...table.numbers("vitGoodProbability")]).toEqual([0.99, 0.01]);
  expect(table.numbers("rlnMaxValueProbDistribution")[1]).toBe(1e-5);
  expect(table.texts("rlnRandomSubset")).toEqual(["1", "2"]);
  expect(expectBlock(document, "optics").table.text("rlnMtfFileName", 0)).toBe("k3.star");
});

test("a table written and read again has the same poses, to the digits written", () => {
  const first = particlesToStar(example(), { rotation: Float64Array.of(0.5, 0.5, 0.5, 0.5, 0.1, -0.7, 0.7, 0.1) });
  const again = particlesFromStar(parse(starText(first)));
  const expected = [0.5, 0.5, 0.5, 0.5, 0.1, -0.7, 0.7, 0.1];
  for (const start of [0, 4]) {
    const sign = Math.sign(again.rotation[start]! * expected[start]!);
    for (let i = start; i < start + 4; i++) expect(sign * again.rotation[i]!).toBeCloseTo(expected[i]!, 7);
  }
});

test("a 3.0 file becomes 3.1: an optics table, origins in Å, and no origins in px beside them", () => {
  const { rlnOpticsGroup: _unused, ...row } = ROW;
  const text = makeStarText(
    [],
    [
      {
        ...row,
        rlnVoltage: 300,
        rlnSphericalAberration: 2.7,
        rlnAmplitudeContrast: 0.1,
        rlnMagnification: 50000,
        rlnDetectorPixelSize: 5,
        rlnOriginX: 2,
        rlnOriginY: -3,
      },
    ],
  );
  const table = particlesFromStar(parse(text));
  expect([...table.shiftPx]).toEqual([-2, 3]);
  const document = parse(starText(particlesToStar(table)));
  const particles = expectBlock(document, "particles").table;
  expect(particles.has("rlnOriginX")).toBe(false);
  expect([particles.numbers("rlnOriginXAngst")[0], particles.numbers("rlnOriginYAngst")[0]]).toEqual([2, -3]);
  expect(expectBlock(document, "optics").table.numbers("rlnImagePixelSize")[0]).toBe(1);
  const again = particlesFromStar(document);
  expect([[...again.shiftPx], again.opticsGroups]).toEqual([[...table.shiftPx], table.opticsGroups]);
});

test("some particles of a table are written with their own rows", () => {
  const table = selectParticles(example(), [1]);
  expect([table.count, table.imageName(0)]).toEqual([1, "000002@a.mrcs"]);
  const { table: rows } = expectBlock(parse(starText(particlesToStar(table))), "particles");
  expect([rows.rowCount, rows.text("rlnImageName", 0), rows.text("fooBar", 0)]).toEqual([1, "2@a.mrcs", "kept"]);
});

test("a table made in memory is written whole", () => {
  const { source: _source, ...columns } = example();
  const made = makeParticleTable({ ...columns, source: { kind: "made" }, hasPoses: true });
  const again = particlesFromStar(parse(starText(particlesToStar(made))));
  expect([again.imageName(1), again.hasPoses, again.opticsGroups[0]!.number]).toEqual(["000002@a.mrcs", true, 2]);
  expect([...again.defocusUA]).toEqual([15000, 15000]);
  expect(again.defocusAngleRad[0]).toBeCloseTo(made.defocusAngleRad[0]!, 7);
});

describe.skipIf(!hasSharedData("apoferritin-dev/apo_dev_relion_poses.star"))("RELION's own files", () => {
  test("come back with equal poses and all their columns", () => {
    const document = readStarFile(sharedData("apoferritin-dev/apo_dev_relion_poses.star"));
    const table = particlesFromStar(document);
    const written = parse(starText(particlesToStar(table, { rotation: table.rotation })));
    const [before, after] = [expectBlock(document, "particles").table, expectBlock(written, "particles").table];
    expect(after.labels).toEqual(before.labels);
    for (const label of ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnOriginXAngst"]) {
      const [a, b] = [before.numbers(label), after.numbers(label)];
      // 2e-6: six decimals on both sides.
      expect(a.every((value, row) => Math.abs(value - b[row]!) < 2e-6)).toBe(true);
    }
    expect(after.texts("rlnLogLikeliContribution")).toEqual(before.texts("rlnLogLikeliContribution"));
  });
});
