import { readFileSync } from "node:fs";
import { expect, expectTypeOf, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { completeOptions } from "../../src/options/complete-options.ts";
import { nearestName } from "../../src/options/nearest-name.ts";
import { optionsPage } from "../../src/options/options-page.ts";
import { type RefineInput, type RefineOptions, refineTable } from "../../src/options/refine-options.ts";
import { relionFlags } from "../../src/options/relion-flags.ts";
import { simulateTable } from "../../src/options/simulate-options.ts";
import { verbs } from "../../src/options/verbs.ts";

const names = { particles: "a.star", reference: "b.mrc", out: "run1" };

test.each([
  [
    "an unknown name",
    { ...names, maskDiameter: 100 },
    "refine: there is no option maskDiameter. Did you mean maskDiameterA?",
  ],
  ["a missing required one", { particles: "a.star", out: "r" }, "refine: reference is required"],
  [
    "text where a number belongs",
    { ...names, maskDiameterA: "180" },
    'maskDiameterA: expected a number of at least 0 (Å), got "180"',
  ],
  [
    "not a number",
    { ...names, initialResolutionA: Number.NaN },
    "initialResolutionA: expected a number of at least 1 (Å), got NaN",
  ],
  ["a fraction where whole numbers belong", { ...names, seed: 1.5 }, "seed: expected a whole number of at least 0"],
  ["a negative count", { ...names, threads: -1 }, "threads: expected a whole number from 0 to 1024"],
  ["an unknown point group", { ...names, symmetry: "Q7" }, "refine: symmetry: symmetry: expected C1"],
  [
    "a word that is no choice",
    { ...names, stages: "defocus" },
    'stages: expected one of global,local, local, global, global,local,defocus, local,defocus, got "defocus"',
  ],
  ["an empty name", { ...names, out: " " }, 'out: expected a name, got " "'],
  ["no object at all", null, "refine: expected an object of options, got null"],
])("%s is refused with its name, what was expected and what came", (_, given, message) => {
  const call = () => completeOptions("refine", refineTable, given as unknown as RefineInput);
  expect(call).toThrow(UsageError);
  expect(call).toThrow(message);
});

test("three names alone give a complete set of options", () => {
  expect(completeOptions("refine", refineTable, names)).toMatchInlineSnapshot(`
    {
      "batchParticles": 0,
      "checkpointParticles": 256,
      "defocusRangeA": 1000,
      "device": "auto",
      "griddingIterations": 0,
      "halfSets": "auto",
      "initialResolutionA": 60,
      "insertedRotations": 36,
      "isa": "auto",
      "joinResolutionA": 40,
      "keepCells": 256,
      "maskDiameterA": 0,
      "maxRounds": 40,
      "memoryGb": 0,
      "model": "auto",
      "modelGroups": 1,
      "mpi": "auto",
      "noiseGroups": "auto",
      "offsetSigmaA": 10,
      "out": "run1",
      "paddingFactor": 2,
      "particleRoot": null,
      "particles": "a.star",
      "profile": false,
      "reference": "b.mrc",
      "relaxSymmetry": "none",
      "relookRounds": 1,
      "rotationsPerImage": 144,
      "scanResolutionA": 0,
      "seed": 0,
      "shiftsPerRotation": 3,
      "slices": "auto",
      "solventMask": "sphere",
      "stages": "global,local",
      "symmetry": "C1",
      "threads": 0,
    }
  `);
});

test("the options type follows from the table", () => {
  expectTypeOf<RefineOptions["maskDiameterA"]>().toEqualTypeOf<number>();
  expectTypeOf<RefineOptions["stages"]>().toEqualTypeOf<
    "global,local" | "local" | "global" | "global,local,defocus" | "local,defocus"
  >();
  expectTypeOf<RefineOptions["particleRoot"]>().toEqualTypeOf<string | null>();
  expectTypeOf<RefineInput["seed"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<RefineInput["out"]>().toEqualTypeOf<string>();
});

test("a point group is brought to its canonical name", () => {
  expect(completeOptions("refine", refineTable, { ...names, symmetry: "i" }).symmetry).toBe("I2");
});

test("the defaults pass their own checks", () => {
  for (const verb of verbs) {
    for (const [name, option] of Object.entries(verb.table)) {
      if (!option.isRequired) expect(option.check(option.defaultValue, name)).toEqual(option.defaultValue);
    }
  }
});

test("command-line text of a default gives the default", () => {
  for (const verb of verbs) {
    for (const [name, option] of Object.entries(verb.table)) {
      if (option.isRequired) continue;
      const value = option.defaultValue;
      const text = value === null ? "none" : Array.isArray(value) ? value.join(",") : String(value);
      expect(option.parse(text, name)).toEqual(value);
    }
  }
});

test("a range needs its numbers in order", () => {
  expect(() => simulateTable.defocusRangeA.parse("30000,10000", "--defocus")).toThrow("low,high with low ≤ high");
  expect(() => simulateTable.defocusRangeA.parse("1e4", "--defocus")).toThrow("two numbers low,high");
  expect(simulateTable.defocusRangeA.parse("5000,1.2e4", "--defocus")).toEqual([5000, 12000]);
});

test("no flag of a verb stands for two options", () => {
  for (const verb of verbs) {
    const flags = Object.values(verb.table).flatMap((option) => [option.flag, ...option.aliases]);
    expect(flags.filter((flag, i) => flags.indexOf(flag) !== i)).toEqual([]);
    if (verb.name !== "refine") continue;
    expect(flags.filter((flag) => Object.hasOwn(relionFlags, flag))).toEqual([]);
  }
});

test("a help sentence has no full stop, and every option has one", () => {
  for (const verb of verbs) {
    for (const option of Object.values(verb.table)) expect(option.help).toMatch(/^[A-Z].*[^.]$/);
  }
});

test("docs/options.md is what the tables say (write it with node scripts/write-options-page.mjs)", () => {
  expect(readFileSync(new URL("../../docs/options.md", import.meta.url), "utf8")).toBe(optionsPage());
});

test("the nearest name is a slip of the hand away, or none", () => {
  const known = ["symmetry", "mask-diameter", "seed"];
  expect(nearestName("symetry", known)).toBe("symmetry");
  expect(nearestName("mask", known)).toBe("mask-diameter");
  expect(nearestName("zebra", known)).toBeUndefined();
});
