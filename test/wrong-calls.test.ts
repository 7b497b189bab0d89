import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  beamtilt,
  defocus,
  MemoryLog,
  project,
  ResourceError,
  reconstruct,
  refine,
  resume,
  simulate,
  VitreousError,
} from "../src/index.ts";
import { makeTinyDataSet, type TinyDataSet, tinyNoise, tinyParticle, writeBlob } from "./support/tiny-data-set.ts";
import { wrongRefines } from "./wrong-refine-calls.ts";

describe("refine refuses", () => {
  test.each(wrongRefines)("$what", async ({ data: options, spoil, error, says }) => {
    const data = makeTinyDataSet(options);
    try {
      const changes = spoil(data);
      const input = { particles: data.particles, reference: data.reference, out: data.path("run"), ...changes };
      const thrown = await failureOf(refine(input, quiet()));
      expect(thrown).toBeInstanceOf(error);
      for (const part of says) {
        if (typeof part === "string") expect(thrown.message).toContain(part);
        else expect(thrown.message).toMatch(part);
      }
      // Nothing half-written: no folder of a run that never began.
      expect(existsSync(data.path("run"))).toBe(false);
    } finally {
      data.remove();
    }
  });
});

describe("other verbs refuse", () => {
  let data: TinyDataSet;
  beforeAll(() => {
    data = makeTinyDataSet();
  });
  afterAll(() => data.remove());

  test("resume: a folder without a run", async () => {
    const thrown = await failureOf(resume(data.path("nothing"), {}, quiet()));
    expect(thrown).toBeInstanceOf(VitreousError);
    expect(thrown.message).toContain("nothing");
  });

  test("defocus: a folder without a run, and the folder of the run itself", async () => {
    const none = await failureOf(defocus({ folder: data.path("nothing"), out: data.path("d1") }, quiet()));
    expect(none.message).toContain("expected the folder of a run (run.json), found none");
    expect(existsSync(data.path("d1"))).toBe(false);
    const lacking = defocus({ folder: data.path("nothing") } as unknown as Parameters<typeof defocus>[0], quiet());
    expect((await failureOf(lacking)).message).toContain("out");
  });

  test("beamtilt: a folder without a run", async () => {
    const call = beamtilt({ folder: data.path("nothing"), out: data.path("t.star") }, quiet());
    expect((await failureOf(call)).message).toContain("expected the folder of a run (run.json), found none");
    expect(existsSync(data.path("t.star"))).toBe(false);
  });

  test("simulate: an optics file without a row", async () => {
    const input = { out: data.path("s4"), boxPx: 16, particleCount: 4, opticsFile: data.particles };
    expect(existsSync(data.particles)).toBe(true);
    await simulate(input, quiet());
    const lacking = await failureOf(simulate({ ...input, opticsFile: data.path("none.star") }, quiet()));
    expect(lacking.message).toContain("none.star");
  });

  test("reconstruct and project: particles without poses", async () => {
    const input = { particles: data.particles, out: data.path("rec") };
    const first = await failureOf(reconstruct(input, quiet()));
    expect(first.message).toContain("has no poses (rlnAngleRot, rlnAngleTilt, rlnAnglePsi)");
    const second = await failureOf(project({ ...input, reference: data.reference }, quiet()));
    expect(second.message).toContain("expected orientations (rlnAngleRot, rlnAngleTilt, rlnAnglePsi), got none");
    expect(existsSync(data.path("rec.mrcs"))).toBe(false);
  });

  test("simulate: a disk that is too small, before anything is computed", async () => {
    const input = { out: data.path("huge"), particleCount: 10_000_000, boxPx: 4096 };
    const thrown = await failureOf(simulate(input, quiet()));
    expect(thrown).toBeInstanceOf(ResourceError);
    expect(thrown.message).toMatch(/particles\.mrcs: cannot write: expected 671088640000000 bytes of free space/);
    expect(existsSync(data.path("huge/particles.mrcs"))).toBe(false);
  });

  test("simulate: an odd box, an empty map, a map without pixel size", async () => {
    const odd = await failureOf(simulate({ out: data.path("s1"), boxPx: 33 }, quiet()));
    expect(odd.message).toContain("expected an even number of pixels from 16, got 33");
    writeBlob(data.path("unsized.mrc"), 16, 0);
    const unsized = await failureOf(simulate({ map: data.path("unsized.mrc"), out: data.path("s2") }, quiet()));
    expect(unsized.message).toContain("expected a pixel size in the header, got none");
  });

  test("an aborted call ends with AbortedError and leaves no stack", async () => {
    const signal = AbortSignal.abort();
    const call = simulate({ out: data.path("s3"), boxPx: 16, particleCount: 4 }, { ...quiet(), signal });
    expect(await failureOf(call)).toMatchObject({ code: "aborted" });
    expect(existsSync(data.path("s3/particles.mrcs"))).toBe(false);
  });
});

describe("what is odd but usable is said and used", () => {
  test("a reference of another box is resampled, and the log says so", async () => {
    const data = makeTinyDataSet();
    try {
      writeBlob(data.path("other.mrc"), 24, 3);
      const log = new MemoryLog();
      const controller = new AbortController();
      const watching = {
        event(name: string, fields: Readonly<Record<string, unknown>>) {
          log.event(name, fields);
          if (name === "round.start") controller.abort();
        },
      };
      const input = { particles: data.particles, reference: data.path("other.mrc"), out: data.path("run") };
      await failureOf(refine(input, { signal: controller.signal, log: watching }));
      expect(log.named("note").map((event) => event.fields["message"])).toContain(
        `${data.path("other.mrc")}: resampled from 24 px at 3.000 Å to 16 px at 4.000 Å.`,
      );
      const record = JSON.parse(readFileSync(data.path("run/run.json"), "utf8"));
      expect(record.options.reference).toBe(data.path("other.mrc"));
    } finally {
      data.remove();
    }
  });

  test("a few constant or NaN images are left out with a warning, and the run goes on", async () => {
    const data = makeTinyDataSet({
      pixel: (image, y, x) =>
        image === 2 ? 0 : image === 5 && y === x ? Number.NaN : tinyNoise(image, y, x) + 4 * tinyParticle(16, y, x),
    });
    try {
      const log = new MemoryLog();
      const controller = new AbortController();
      const watching = {
        event(name: string, fields: Readonly<Record<string, unknown>>) {
          log.event(name, fields);
          if (name === "run.start") controller.abort();
        },
      };
      const input = { particles: data.particles, reference: data.reference, out: data.path("run") };
      await failureOf(refine(input, { signal: controller.signal, log: watching }));
      expect(log.named("warning")[0]?.fields["message"]).toContain("2 of 12 images cannot be used");
    } finally {
      data.remove();
    }
  });
});

function quiet() {
  return { signal: new AbortController().signal, log: new MemoryLog() };
}

async function failureOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (thrown) {
    return thrown as Error;
  }
  throw new Error("the call succeeded");
}
