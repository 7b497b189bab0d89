import { expect, test } from "vitest";
import { parseArguments } from "../../src/cli/parse-arguments.ts";
import { UsageError } from "../../src/core/errors.ts";
import { verbNamed } from "../../src/options/verbs.ts";

const refine = verbNamed("refine")!;
const base = ["p.star", "--reference", "m.mrc", "--out", "run1"];

test.each([
  ["an unknown flag", [...base, "--symetry", "C4"], "refine: there is no flag --symetry. Did you mean --symmetry?"],
  ["an unknown flag far from any other", [...base, "--xyzzy"], "See vitreous refine --help."],
  ["a flag without its value", [...base, "--seed"], "refine --seed: expected a value <number>, got none"],
  [
    "a flag that swallows the next one",
    ["p.star", "--reference", "--out", "r"],
    "refine --reference: expected a value <map.mrc>, got the flag --out",
  ],
  [
    "text where a number belongs",
    [...base, "--mask-diameter", "wide"],
    'refine --mask-diameter: expected a number of at least 0 (Å), got "wide"',
  ],
  [
    "a hexadecimal number",
    [...base, "--seed", "0x10"],
    'refine --seed: expected a whole number of at least 0 (number), got "0x10"',
  ],
  ["a second particle file", [...base, "q.star"], 'refine: did not expect "q.star"'],
  [
    "a flag given twice under two names",
    [...base, "--seed", "1", "--random_seed", "2"],
    "refine --random_seed: already given as --seed",
  ],
  ["missing names", ["p.star"], "refine: missing --reference <map.mrc>"],
  [
    "a RELION flag that would change the question",
    [...base, "--skip_align"],
    "refine --skip_align: RELION's flag has no counterpart: use vitreous reconstruct",
  ],
  ["several classes", [...base, "--K", "3"], "refine --K: RELION's flag has no counterpart"],
])("%s stops with the flag's name", (_, words, message) => {
  expect(() => parseArguments(refine, words)).toThrow(UsageError);
  expect(() => parseArguments(refine, words)).toThrow(message);
});

test("flags take their value after a space or an equals sign", () => {
  const { values } = parseArguments(refine, [...base, "--seed=7", "--symmetry", "d2"]);
  expect(values).toEqual({ particles: "p.star", reference: "m.mrc", out: "run1", seed: 7, symmetry: "D2" });
});

test("a RELION command line gives the same options, and says what it leaves out", () => {
  const words =
    "--i p.star --ref m.mrc --o Refine3D/job012/run --auto_refine --split_random_halves --ini_high 50 --sym O --particle_diameter 130 --flatten_solvent --zero_mask --ctf --norm --scale --pad 2 --oversampling 1 --healpix_order 2 --low_resol_join_halves 40 --j 2 --K 1 --pool 3 --random_seed 4";
  const { values, notes } = parseArguments(refine, words.split(" "));
  expect(values).toEqual({
    particles: "p.star",
    reference: "m.mrc",
    out: "Refine3D/job012",
    initialResolutionA: 50,
    symmetry: "O",
    maskDiameterA: 130,
    paddingFactor: 2,
    joinResolutionA: 40,
    threads: 2,
    seed: 4,
  });
  expect(notes).toHaveLength(11);
  expect(notes).toContain(
    "--zero_mask has no effect here: the outside of the mask is filled with noise, which keeps likelihoods calibrated.",
  );
});

test("RELION's particle diameter of -1 is the default here", () => {
  expect(parseArguments(refine, [...base, "--particle_diameter", "-1"]).values["maskDiameterA"]).toBe(0);
});

test("--help wins over everything that is missing", () => {
  expect(parseArguments(refine, ["--help"]).wantsHelp).toBe(true);
  expect(parseArguments(refine, ["-h"]).wantsHelp).toBe(true);
});

test("a switch stands alone", () => {
  const project = verbNamed("project")!;
  const words = ["p.star", "--reference", "m.mrc", "--out", "x", "--without-ctf"];
  expect(parseArguments(project, words).values["withoutCtf"]).toBe(true);
});

test("none takes an optional file away", () => {
  expect(parseArguments(refine, [...base, "--particle-root", "none"]).values["particleRoot"]).toBeNull();
});
