import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import { recorder } from "../cli/recorder.ts";
import { BOX_PX, type HalfMapFolder, makeHalfMaps } from "./half-maps.ts";

let data: HalfMapFolder;
beforeAll(() => {
  data = makeHalfMaps();
  data.write("small.mrc", new Float32Array(16 ** 3).fill(1));
  data.write(
    "finer.mrc",
    Float32Array.from({ length: BOX_PX ** 3 }, (_, i) => i % 7),
    3,
  );
  data.write("two.mrc", new Float32Array(BOX_PX ** 3).fill(2));
  data.write("zero.mrc", new Float32Array(BOX_PX ** 3));
  writeFileSync(data.path("mtf.star"), "data_\n\nloop_\n_rlnMtfValue #1\n1\n");
  writeFileSync(
    data.path("far.pdb"),
    "ATOM      1  N   ALA A   1     901.500   2.250  -3.000  1.00 20.00           N\n",
  );
});
afterAll(() => data.remove());

const half = (number: 1 | 2) => data.path(`run_half${number}_class001_unfil.mrc`);

test.each<[string, () => string[], number, string | RegExp]>([
  ["nothing to work on", () => ["postprocess"], 2, "expected a run folder or both --half1 and --half2, got neither"],
  ["one half map", () => ["postprocess", "--half1", half(1)], 2, "got only --half1. Give the folder"],
  [
    "both kinds of input",
    () => ["postprocess", data.folder, "--half1", half(1)],
    2,
    "got both. Leave one of them out.",
  ],
  [
    "a folder without a run",
    () => ["postprocess", data.path("nothing")],
    1,
    /nothing: expected a finished run, .*half1_class001_unfil\.mrc and .* are missing\. Finish it with vitreous resume/,
  ],
  [
    "a word for a B-factor",
    () => ["postprocess", data.folder, "--b-factor", "sharp"],
    2,
    'expected auto or a number of Å², got "sharp"',
  ],
  ["a group that is none", () => ["postprocess", data.folder, "--symmetry", "Q7"], 2, "symmetry: expected C1"],
  [
    "an MTF file without its columns",
    () => ["postprocess", data.folder, "--mtf", data.path("mtf.star")],
    1,
    "mtf.star: expected columns rlnResolutionInversePixel and rlnMtfValue, found none",
  ],
  [
    "particles without poses",
    () => ["postprocess", data.folder, "--particles", data.path("mtf.star")],
    1,
    "expected particles with rlnAngleRot and rlnAngleTilt",
  ],
  [
    "a mask of another box",
    () => ["postprocess", data.folder, "--mask", data.path("small.mrc")],
    1,
    `small.mrc: expected a box of ${BOX_PX} px as the maps, got 16`,
  ],
  [
    "a mask that is none",
    () => ["postprocess", data.folder, "--mask", data.path("two.mrc")],
    1,
    "two.mrc: expected a mask of values from 0 to 1, got 2. Make one with vitreous mask.",
  ],
  [
    "an empty mask",
    () => ["fsc", half(1), half(2), "--mask", data.path("zero.mrc")],
    1,
    "zero.mrc: expected a mask, got zeros throughout",
  ],
  [
    "a model that lies elsewhere",
    () => [
      "postprocess",
      data.folder,
      "--skip-local-resolution",
      "--model",
      data.path("far.pdb"),
      "--out",
      data.path("o"),
    ],
    1,
    "far.pdb: 1 of 1 atoms lie outside the box of 192 Å. Fit the model into the map, or say with --model-frame",
  ],
  [
    "scores without particles",
    () => ["postprocess", "--half1", half(1), "--half2", half(2), "--score-particles"],
    2,
    "--score-particles: expected particles with poses, got none. Give --particles.",
  ],
  [
    "scores of particles without images",
    () => ["postprocess", data.folder, "--skip-local-resolution", "--score-particles", "--out", data.path("o")],
    1,
    "expected a particle table with a column rlnImageName",
  ],
  ["one map only", () => ["fsc", half(1)], 2, "fsc: missing <b.mrc>"],
  ["a map with itself", () => ["fsc", half(1), half(1)], 1, "got the same densities"],
  [
    "maps of different boxes",
    () => ["fsc", half(1), data.path("small.mrc")],
    1,
    `small.mrc: expected a box of ${BOX_PX} px as`,
  ],
  [
    "maps of different pixel sizes",
    () => ["fsc", half(1), data.path("finer.mrc")],
    1,
    /finer\.mrc: expected 6 Å per voxel as .*, got 3\. Resample one of them/,
  ],
  [
    "a map that is not there",
    () => ["mask", data.path("no.mrc"), "--out", data.path("m.mrc")],
    1,
    "no.mrc: cannot read",
  ],
  ["no place for the mask", () => ["mask", half(1)], 2, "mask: missing --out <mask.mrc>"],
  [
    "a threshold above everything",
    () => ["mask", half(1), "--out", data.path("m.mrc"), "--mask-threshold", "1e9"],
    1,
    "no density above the threshold 1000000000. Give a lower threshold",
  ],
])("%s is refused", async (_, words, code, message) => {
  const terminal = recorder();
  expect(await runCli(words(), terminal)).toBe(code);
  expect(terminal.messages).toMatch(message);
  expect(terminal.results).toBe("");
});
