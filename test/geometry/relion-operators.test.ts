import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { type PointGroup, pointGroup } from "../../src/geometry/point-group.ts";
import { angleBetweenRad, matrixToQuaternionInto } from "../../src/geometry/quaternion.ts";

// 5e-4 rad: RELION builds its tables from five-digit axes.
const PRINTED_RAD = 5e-4;
const NAMES = ["C1", "C2", "C3", "C7", "C24", "D1", "D2", "D3", "D7", "D12", "T", "O", "I", "I1", "I2", "I3", "I4"];

const hasRelion = spawnSync("relion_refine", ["--version"]).error === undefined;
if (!hasRelion) console.warn("skipped: relion_refine is not installed");

describe.skipIf(!hasRelion)("the operators that relion_refine --print_symmetry_ops prints", () => {
  test.each(NAMES)("%s: each is one of ours, and none of ours is missing", (name) => {
    const { stdout } = spawnSync("relion_refine", ["--sym", name, "--print_symmetry_ops"], { encoding: "utf8" });
    const group = pointGroup(name);
    const operators = matricesIn(stdout);
    expect(operators).toHaveLength(group.order);
    const found = new Set(operators.map((matrix) => elementNear(group, matrix)));
    expect(found.has(-1)).toBe(false);
    expect(found.size).toBe(group.order);
  });
});

function matricesIn(text: string): number[][] {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, i) =>
    /^\s*R\(\d+\)=/.test(line)
      ? [
          lines
            .slice(i + 1, i + 4)
            .flatMap((row) => row.trim().split(/\s+/))
            .map(Number),
        ]
      : [],
  );
}

function elementNear(group: PointGroup, matrix: readonly number[]): number {
  const q = new Float64Array(4);
  matrixToQuaternionInto(q, 0, Float64Array.from(matrix), 0);
  for (let g = 0; g < group.order; g++) {
    if (angleBetweenRad(group.quaternions, 4 * g, q, 0) < PRINTED_RAD) return g;
  }
  return -1;
}
