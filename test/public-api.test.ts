import { expect, expectTypeOf, test } from "vitest";
import * as api from "../src/index.ts";

test("the public interface is this and no more (widening it is a decision)", () => {
  expect(Object.keys(api).sort()).toEqual([
    "AbortedError",
    "DataError",
    "MemoryLog",
    "ResourceError",
    "ShapeError",
    "UsageError",
    "VitreousError",
    "beamtilt",
    "benchScale",
    "defocus",
    "expand",
    "fsc",
    "inspect",
    "mask",
    "plan",
    "postprocess",
    "project",
    "reconstruct",
    "refine",
    "report",
    "resume",
    "select",
    "silentLog",
    "simulate",
    "submit",
    "subtract",
    "symmetry",
    "teeLog",
    "validate",
  ]);
});

test("a verb takes the names it needs and leaves the rest to defaults", () => {
  expectTypeOf<api.RefineInput>().toMatchTypeOf<{ particles: string; reference: string; out: string }>();
  expectTypeOf<{ particles: string; reference: string; out: string }>().toMatchTypeOf<api.RefineInput>();
  expectTypeOf<{ out: string }>().toMatchTypeOf<api.SimulateInput>();
  expectTypeOf(api.refine).returns.resolves.toEqualTypeOf<api.RefineResult>();
  expectTypeOf(api.resume).returns.resolves.toEqualTypeOf<api.RefineResult>();
  expectTypeOf<api.RefineResult["resolutionA"]>().toEqualTypeOf<number>();
});
