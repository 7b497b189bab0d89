import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import type { Device } from "../../src/device/types.ts";
import { type RefineInput, refine, resume, silentLog } from "../../src/index.ts";
import { readStarFile } from "../../src/io/node/star-file.ts";
import { runRanks } from "../support/in-process-ranks.ts";
import { makePseudoScene, measurePseudo, type PseudoScene } from "../support/pseudo-scene.ts";
import { runScene } from "../support/run-scene.ts";
import { differingFiles, resultFiles } from "./tiny-run.ts";

const QUICK = {
  stages: "local",
  rotationsPerImage: 48,
  shiftsPerRotation: 2,
  initialResolutionA: 30,
} as const satisfies Partial<RefineInput>;

let device: Device;
beforeAll(() => {
  device = openDevice();
});
afterAll(() => device.close());

describe("a ring of four subunits, one of them odd, from poses known up to C4", () => {
  let data: PseudoScene;
  beforeAll(async () => {
    data = await makePseudoScene(device, 1, { count: 400, seed: 51 });
  });
  afterAll(() => data.files.remove());

  test("relaxed: the particles find their mates, both half-sets in one frame, and the map shows the odd subunit once", async () => {
    const run = await runScene(data.files, "relaxed", { ...QUICK, relaxSymmetry: "C4", maxRounds: 8 });
    const found = await measurePseudo(device, data, run);
    const { evidenceGain, evidenceGainSd, certainty } = run.log.named("symmetry.relaxed")[0]!.fields as Record<
      string,
      number
    >;
    console.log(
      `right mate: ${found.rightShare} of the particles; odd domain ${found.oddDensity.toFixed(3)}, elsewhere ` +
        `${found.otherDensities.map((d) => d.toFixed(3)).join(" ")}; FSC with the truth ${Array.from(found.fsc, (f) => f.toFixed(2)).join(" ")}; ` +
        `asymmetry to ${run.result.relaxed?.asymmetryResolutionA?.toFixed(1)} Å; held-out gain ${evidenceGain!.toFixed(2)} ± ${evidenceGainSd!.toFixed(2)}, ${certainty!.toFixed(2)} certain`,
    );
    // Comparing each image with the true map at its true pose finds 0.99.
    expect(found.rightShare).toBeGreaterThan(0.85);
    expect(found.isOneFrame).toBe(true);
    for (const share of found.halfShares) expect(share).toBeGreaterThan(0.85);
    for (const other of found.otherDensities) expect(found.oddDensity).toBeGreaterThan(5 * other);
    for (let s = 1; s <= 8; s++) expect(found.fsc[s]).toBeGreaterThan(0.9);
    expect(run.result.relaxed?.group).toBe("C4");
    expect(run.result.relaxed?.asymmetryResolutionA).toBeLessThan(35);
    expect(evidenceGain).toBeGreaterThan(3 * evidenceGainSd!);
    const rows = readStarFile(run.result.particles).blocks.find(({ name }) => name === "particles")!.table;
    const sure = rows.numbers("vitMateProbability").reduce((a, b) => a + b, 0) / rows.rowCount;
    expect(sure).toBeGreaterThan(0.85);
  });

  test("not relaxed, C1 from the same start leaves every particle at the mate that it had: four half-strength domains", async () => {
    const run = await runScene(data.files, "plain", { ...QUICK, maxRounds: 3 });
    const found = await measurePseudo(device, data, run);
    console.log(
      `right mate: ${found.rightShare} of the particles; odd domain ${found.oddDensity.toFixed(3)}, elsewhere ${found.otherDensities.map((d) => d.toFixed(3)).join(" ")}`,
    );
    expect(found.rightShare).toBeLessThan(0.4);
    for (const other of found.otherDensities) expect(found.oddDensity).toBeLessThan(1.5 * other);
    expect(run.result.relaxed).toBeUndefined();
  });
});

describe("a relaxed run of a few particles", () => {
  const few = { ...QUICK, relaxSymmetry: "C4", rotationsPerImage: 16, checkpointParticles: 8, maxRounds: 14 } as const;
  const quiet = () => ({ signal: new AbortController().signal, log: silentLog });
  let data: PseudoScene;
  let alone: Map<string, Buffer>;
  let firstRelaxed = 0;
  const options = (name: string): RefineInput => {
    const { particles, reference, path } = data.files;
    return { particles, reference, out: path(name), scanResolutionA: 16, offsetSigmaA: 6, ...few, threads: 1 };
  };
  beforeAll(async () => {
    data = await makePseudoScene(device, 1, { count: 36, seed: 52, snr: 0.6 });
    const run = await runScene(data.files, "alone", { ...options("alone"), out: data.files.path("alone") });
    firstRelaxed = 1 + run.rounds.findIndex((round) => round["mates"] !== undefined);
    alone = resultFiles(data.files.path("alone"));
  });
  afterAll(() => data.files.remove());

  test("comes to relax symmetry", () => {
    expect(firstRelaxed).toBeGreaterThan(1);
  });

  test("is the same bytes on three ranks", async () => {
    await runRanks(3, (comm) => refine(options("ranks"), { ...quiet(), comm }));
    expect(differingFiles(alone, resultFiles(data.files.path("ranks")))).toEqual([]);
  });

  test("ends in the same bytes when it is stopped in its first relaxed round and gone on with", async () => {
    const controller = new AbortController();
    const log = {
      event(name: string, fields: Readonly<Record<string, unknown>>) {
        if (name === "expectation.batch" && fields["round"] === firstRelaxed) controller.abort(new Error("stop"));
      },
    };
    await expect(refine(options("stopped"), { signal: controller.signal, log })).rejects.toThrow();
    await resume(data.files.path("stopped"), {}, quiet());
    expect(differingFiles(alone, resultFiles(data.files.path("stopped")))).toEqual([]);
  });
});
