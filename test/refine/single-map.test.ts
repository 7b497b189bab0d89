import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "../../src/core/events.ts";
import { readMapFile } from "../../src/io/node/map-file.ts";
import type { ReconstructInput } from "../../src/options/reconstruct-options.ts";
import { reconstruct } from "../../src/refine/reconstruct.ts";
import { simulate } from "../../src/simulate/simulate.ts";

const environment = { signal: new AbortController().signal, log: silentLog };
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "vitreous-single-"));
  const set = { boxPx: 32, pixelSizeA: 8, particleCount: 60, snr: 0.5, seed: 5 };
  await simulate({ out: join(folder, "data"), ...set }, environment);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function made(name: string, options: Partial<ReconstructInput>) {
  const out = join(folder, name);
  const result = await reconstruct({ particles: join(folder, "data", "truth.star"), out, ...options }, environment);
  return { result, path: `${out}.mrc` };
}

test("one map from all particles is that of the default, to rounding, and nothing else is made", async () => {
  const whole = await made("whole", {});
  const single = await made("single", { isSingleMap: true });
  expect(single.result).toEqual({ maps: [single.path], unmaskedResolutionA: null, resolutionA: null });
  expect(whole.result.maps).toHaveLength(3);
  const a = readMapFile(whole.path).data;
  const b = readMapFile(single.path).data;
  const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference = Math.max(difference, Math.abs(a[i]! - b[i]!));
  expect(difference).toBeLessThan(1e-5 * largest);
});

test("one map has the same bytes for any number of threads, in slabs too", async () => {
  const bytes = async (name: string, options: Partial<ReconstructInput>) =>
    readFileSync((await made(name, { isSingleMap: true, ...options })).path);
  const one = await bytes("one", { threads: 1 });
  expect((await bytes("two", { threads: 2 })).equals(one)).toBe(true);
  expect((await bytes("slab", { model: "slab" })).equals(one)).toBe(true);
});

test("one map of one half-set is a contradiction", async () => {
  await expect(made("both", { isSingleMap: true, subset: 1 })).rejects.toThrow(/--single-map takes all particles/);
});
