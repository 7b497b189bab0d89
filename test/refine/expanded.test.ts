import { afterAll, beforeAll, expect, test } from "vitest";
import { expand, refine, silentLog } from "../../src/index.ts";
import { readStarFile } from "../../src/io/node/star-file.ts";
import { makeTinyRun, type TinyRun } from "./tiny-run.ts";

let data: TinyRun;
beforeAll(async () => {
  data = await makeTinyRun();
});
afterAll(() => data.remove());

test("the copies of a symmetry-expanded particle stay in one half-set, each with a pose of its own", async () => {
  const particles = data.path("data/expanded.star");
  await expand({ particles: data.path("data/truth.star"), out: particles, symmetry: "C2" });
  const quiet = { signal: new AbortController().signal, log: silentLog };
  await refine({ ...data.options("run"), particles, stages: "local", maxRounds: 1 }, quiet);
  const { table } = readStarFile(data.path("run/run_data.star")).blocks.find(({ name }) => name === "particles")!;
  const [names, half, rot] = [
    table.texts("rlnImageName"),
    table.numbers("rlnRandomSubset"),
    table.numbers("rlnAngleRot"),
  ];
  expect(table.rowCount).toBe(96);
  for (let row = 0; row < 96; row += 2) {
    expect(names[row + 1]).toBe(names[row]);
    expect(half[row + 1]).toBe(half[row]);
    expect(rot[row + 1]).not.toBe(rot[row]);
  }
  expect(new Set(half)).toEqual(new Set([1, 2]));
});
