import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expand } from "../../src/curate/expand.ts";
import { namePattern } from "../../src/curate/name-pattern.ts";
import { select } from "../../src/curate/select.ts";
import { eulerToMatrixInto } from "../../src/geometry/euler.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { readStarFile } from "../../src/io/node/star-file.ts";
import { particlesFromStar } from "../../src/particles/from-star.ts";
import { makeStarText } from "../support/make-particles.ts";
import { turnedPoint } from "../support/symmetric-map.ts";

const OPTICS = {
  rlnOpticsGroupName: "og1",
  rlnOpticsGroup: 1,
  rlnVoltage: 300,
  rlnSphericalAberration: 2.7,
  rlnAmplitudeContrast: 0.1,
  rlnImagePixelSize: 1.5,
};
const ROWS = [
  ["000001@a.mrcs", "mics/may12_01.mrc", 9000, 9200, 0.9, 1, 10, 60, -20],
  ["000002@a.mrcs", "mics/may12_02.mrc", 15000, 15500, 0.2, 2, -170, 120, 90],
  ["000003@a.mrcs", "mics/june_01.mrc", 21000, 20000, 0.7, 1, 0, 0, 33],
  ["000001@b.mrcs", "mics/june_01.mrc", 12000, 12500, "nan", 2, 45, 90, 0],
].map(([image, micrograph, u, v, good, half, rot, tilt, psi], i) => ({
  rlnImageName: image,
  rlnMicrographName: micrograph,
  rlnDefocusU: u,
  rlnDefocusV: v,
  rlnDefocusAngle: 10,
  rlnOpticsGroup: 1,
  vitGoodProbability: good,
  rlnRandomSubset: half,
  rlnAngleRot: rot,
  rlnAngleTilt: tilt,
  rlnAnglePsi: psi,
  someoneElses: `kept_${i}`,
}));

let folder: string;
const path = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vitreous-select-"));
  writeFileSync(path("in.star"), makeStarText([OPTICS], ROWS));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const particles = () => path("in.star");

/** Values of `someoneElses` in the rows that are left. */
async function keptBy(conditions: Omit<Parameters<typeof select>[0], "particles" | "out">): Promise<string[]> {
  await select({ particles: particles(), out: path("out.star"), ...conditions });
  const block = readStarFile(path("out.star")).blocks.find(({ name }) => name === "particles")!;
  return block.table.texts("someoneElses").map((text) => text.slice(5));
}

describe("select refuses", () => {
  test("no condition, a column that is not there, a selection that leaves nothing", async () => {
    const call = (options: object) => select({ particles: particles(), out: path("none.star"), ...options });
    await expect(call({})).rejects.toThrow("select: expected a condition, got none");
    await expect(call({ minScore: 1, scoreColumn: "rlnNone" })).rejects.toThrow(
      "--min-score needs the column rlnNone, which the file does not have",
    );
    await expect(call({ minScore: 2 })).rejects.toThrow(
      "none of 4 particles is left: vitGoodProbability ≥ 2 leaves out 4",
    );
    expect(() => readFileSync(path("none.star"))).toThrow("ENOENT");
  });

  test("a list without names, and a file without particles", async () => {
    writeFileSync(path("empty.txt"), "# nothing\n\n");
    const out = path("none.star");
    await expect(select({ particles: particles(), out, list: path("empty.txt") })).rejects.toThrow(
      "expected names, one a line",
    );
    writeFileSync(path("fsc.star"), "data_fsc\n\nloop_\n_rlnResolution #1\n0.1\n");
    await expect(select({ particles: path("fsc.star"), out, half: 1 })).rejects.toThrow("the blocks here are data_fsc");
  });
});

describe("select keeps", () => {
  test("scores in a range; a score that is not a number is never kept by one", async () => {
    expect(await keptBy({ minScore: 0.5 })).toEqual(["0", "2"]);
    expect(await keptBy({ maxScore: 0.5 })).toEqual(["1"]);
    expect(await keptBy({ minScore: 0.5, isInverted: true })).toEqual(["1", "3"]);
  });

  test("mean defocus, half-set, micrograph by pattern, with or without folder and ending", async () => {
    expect(await keptBy({ defocusA: [9000, 13000] })).toEqual(["0", "3"]);
    expect(await keptBy({ half: 2 })).toEqual(["1", "3"]);
    expect(await keptBy({ micrograph: "may12_*" })).toEqual(["0", "1"]);
    expect(await keptBy({ micrograph: "mics/*_01.mrc" })).toEqual(["0", "2", "3"]);
    expect(await keptBy({ micrograph: "june_0?", half: 1 })).toEqual(["2"]);
  });

  test("names of a list, however the image number is padded, and of another STAR file", async () => {
    writeFileSync(path("list.txt"), "2@a.mrcs\n# a comment\nmics/june_01.mrc\n");
    expect(await keptBy({ list: path("list.txt") })).toEqual(["1", "2", "3"]);
    await select({ particles: particles(), out: path("half.star"), half: 1 });
    expect(await keptBy({ list: path("half.star") })).toEqual(["0", "2"]);
  });

  test("every column, byte for byte, and the optics table", async () => {
    await select({ particles: particles(), out: path("out.star"), half: 2 });
    const before = readFileSync(particles(), "utf8").split("\n");
    const after = readFileSync(path("out.star"), "utf8").split("\n");
    const rows = (lines: string[]) => lines.filter((line) => line.includes("@"));
    expect(rows(after)).toEqual(rows(before).filter((_, i) => i % 2 === 1));
    expect(after).toContain(before.find((line) => line.startsWith("og1")));
    expect(particlesFromStar(readStarFile(path("out.star"))).count).toBe(2);
  });
});

test("a pattern means itself but for * and ?", () => {
  expect(namePattern("a.b")("axb")).toBe(false);
  expect(namePattern("a*(1)")("folder/a_x(1)")).toBe(true);
  expect(namePattern("other/*")("mics/a.mrc")).toBe(false);
});

describe("symmetry expansion", () => {
  test("C1 and a set without poses are refused", async () => {
    const out = path("none.star");
    await expect(expand({ particles: particles(), out })).rejects.toThrow("C1 has one operator");
    writeFileSync(
      path("bare.star"),
      makeStarText(
        [OPTICS],
        ROWS.map(({ rlnAngleRot: _, ...row }) => row),
      ),
    );
    await expect(expand({ particles: path("bare.star"), out, symmetry: "C4" })).rejects.toThrow(
      "has no poses (rlnAngleRot)",
    );
  });

  test("each row comes once per operator, its view is that operator's turn of the old view, all else is shared", async () => {
    const out = path("d3.star");
    const result = await expand({ particles: particles(), out, symmetry: "D3" });
    expect(result).toMatchObject({ inputCount: 4, outputCount: 24, symmetry: "D3" });
    const table = readStarFile(out).blocks.find(({ name }) => name === "particles")!.table;
    expect(table.texts("rlnImageName")).toEqual(ROWS.flatMap((row) => Array(6).fill(row.rlnImageName)));
    expect(table.texts("someoneElses")[23]).toBe("kept_3");
    const group = pointGroup("D3");
    const angles = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"].map((label) => table.numbers(label));
    const matrixOf = (values: readonly number[]) => {
      const matrix = new Float64Array(9);
      const [rot, tilt, psi] = values.map((deg) => (deg * Math.PI) / 180);
      eulerToMatrixInto(matrix, 0, rot!, tilt!, psi!);
      return matrix;
    };
    ROWS.forEach((row, i) => {
      const before = matrixOf([row.rlnAngleRot, row.rlnAngleTilt, row.rlnAnglePsi].map(Number));
      for (let g = 0; g < group.order; g++) {
        const after = matrixOf(angles.map((column) => column[6 * i + g]!));
        for (const axis of [0, 1, 2]) {
          const was = [before[axis]!, before[3 + axis]!, before[6 + axis]!] as const;
          const expected = turnedPoint(group.matrices, 9 * g, was);
          // 1e-7: the file holds six decimals of a degree.
          const off = expected.map((value, k) => Math.abs(after[3 * k + axis]! - value));
          expect(Math.max(...off)).toBeLessThan(1e-7);
        }
      }
    });
    const { randomSubset, imageName } = particlesFromStar(readStarFile(out));
    expect([...randomSubset.subarray(6, 12)]).toEqual(Array(6).fill(2));
    expect(imageName(7)).toBe("000002@a.mrcs");
  });

  test("taking the first row of each image undoes it", async () => {
    await expand({ particles: particles(), out: path("c2.star"), symmetry: "C2" });
    const result = await select({ particles: path("c2.star"), out: path("back.star"), isDistinct: true });
    expect(result).toMatchObject({ keptCount: 4, totalCount: 8 });
  });
});
