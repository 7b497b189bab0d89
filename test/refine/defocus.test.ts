import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { localCommunicator } from "../../src/comm/local.ts";
import { beamtilt, defocus, refine, resume, silentLog, UsageError } from "../../src/index.ts";
import { readStarFile } from "../../src/io/node/star-file.ts";
import { particlesFromStar } from "../../src/particles/from-star.ts";
import { loadCheckpoint } from "../../src/refine/checkpoint.ts";
import { openRun } from "../../src/refine/open-run.ts";
import { phaseSums } from "../../src/refine/phase-sums.ts";
import { runFolder } from "../../src/refine/run-folder.ts";
import { readRunRecord, recordedOptions } from "../../src/refine/run-record.ts";
import { differingFiles, makeTinyRun, resultFiles, type TinyRun } from "./tiny-run.ts";

const quiet = () => ({ signal: new AbortController().signal, log: silentLog });

describe("the defocus stage on a finished run", () => {
  let data: TinyRun;
  beforeAll(async () => {
    data = await makeTinyRun();
    const particles = data.path("data/truth.star");
    await refine({ ...data.options("run"), particles, stages: "local", maxRounds: 2 }, quiet());
    await defocus({ folder: data.path("run"), out: data.path("one"), maxRounds: 2, threads: 1 }, quiet());
  });
  afterAll(() => data.remove());

  const table = (run: string) => {
    const document = readStarFile(data.path(`${run}/run_data.star`));
    const rows = document.blocks.find((block) => block.name === "particles")!.table;
    return { rows, particles: particlesFromStar(document) };
  };

  test("defocus changes by what the file says it changed by, in both axes", () => {
    const [before, after] = [table("run"), table("one")];
    const change = after.rows.numbers("vitDefocusChange");
    const sd = after.rows.numbers("vitDefocusSd");
    expect(change.some((value) => value !== 0)).toBe(true);
    change.forEach((value, p) => {
      const sum = (t: typeof before) => (t.particles.defocusUA[p]! + t.particles.defocusVA[p]!) / 2;
      // Seven printed digits of some 2e4 Å.
      expect(sum(after) - sum(before)).toBeCloseTo(value, 1);
      expect(Math.abs(value)).toBeLessThanOrEqual(1000);
      expect(sd[p]).toBeGreaterThan(0);
    });
  });

  test("two threads: the same bytes in every file", async () => {
    await defocus({ folder: data.path("run"), out: data.path("two"), maxRounds: 2, threads: 2 }, quiet());
    expect(differingFiles(resultFiles(data.path("one")), resultFiles(data.path("two")))).toEqual([]);
  });

  test("stopped after its first round and resumed: the same bytes in every file", async () => {
    const controller = new AbortController();
    const log = {
      event(name: string) {
        if (name === "checkpoint.saved") controller.abort();
      },
    };
    const input = { folder: data.path("run"), out: data.path("three"), maxRounds: 2, threads: 1 };
    await expect(defocus(input, { signal: controller.signal, log })).rejects.toMatchObject({ name: expect.anything() });
    await resume(data.path("three"), {}, quiet());
    expect(differingFiles(resultFiles(data.path("one")), resultFiles(data.path("three")))).toEqual([]);
  });

  test("into the folder of a run, or from a run that is not finished: refused", async () => {
    const into = defocus({ folder: data.path("run"), out: data.path("one") }, quiet());
    await expect(into).rejects.toThrow(UsageError);
    await expect(into).rejects.toThrow(/already holds a run. Give another folder/);
  });

  test("what an image finds of itself in its half map is taken off the phases: real, and in proportion to its share", async () => {
    const from = runFolder(data.path("run"));
    const options = recordedOptions(readRunRecord(from));
    const alone = { comm: localCommunicator, why: "one process", job: null };
    const context = await openRun(options, silentLog, new AbortController().signal, alone);
    try {
      const state = loadCheckpoint(from.checkpoint, () => {});
      const sumsAt = async (factor: number) => {
        const [a, b] = state.halves.map((half) => ({
          ...half,
          ownShare: half.ownShare!.map((share) => factor * share),
        }));
        return (await phaseSums(context, { ...state, halves: [a!, b!] }))[0]!;
      };
      const [none, once, twice] = [await sumsAt(0), await sumsAt(1), await sumsAt(2)];
      expect(once!.im).toEqual(none!.im);
      for (let k = 1; k < none!.re.length; k++) {
        const taken = none!.re[k]! - once!.re[k]!;
        expect(taken).toBeGreaterThanOrEqual(0);
        expect(Math.abs(once!.re[k]! - twice!.re[k]! - taken)).toBeLessThan(1e-6 * Math.abs(none!.re[k]!) + 1e-9);
      }
      expect(once!.re.reduce((a, b) => a + b)).toBeLessThan(none!.re.reduce((a, b) => a + b));
    } finally {
      context.device.close();
      context.data.source.close();
    }
  });

  test("beam tilt is written into data_optics, with an error of its own", async () => {
    const out = data.path("tilted.star");
    const { groups } = await beamtilt({ folder: data.path("run"), out, threads: 1 }, quiet());
    expect(groups).toHaveLength(1);
    expect(groups[0]!.xErrorMrad).toBeGreaterThan(0);
    const tilt = particlesFromStar(readStarFile(out)).opticsGroups[0]!.aberrations!;
    expect(tilt.beamTiltXMrad).toBeCloseTo(groups[0]!.xMrad, 4);
  });
});
