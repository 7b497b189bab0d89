import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { descriptionText } from "../../src/inspect/description.ts";
import { inspect } from "../../src/inspect/inspect.ts";
import { Journal } from "../../src/io/node/journal.ts";
import { makeStarText } from "../support/make-particles.ts";
import { makeRunFolder } from "../support/run-folder.ts";
import { hasSharedData, sharedData } from "../support/shared-data.ts";
import { makeTinyDataSet, type TinyDataSet, writeBlob } from "../support/tiny-data-set.ts";

let folder: string;
let data: TinyDataSet;
const path = (name: string) => join(folder, name);
const write = (name: string, content: string | Uint8Array) => {
  writeFileSync(path(name), content);
  return path(name);
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vitreous-inspect-"));
  data = makeTinyDataSet();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  data.remove();
});

const inspected = async (file: string) => {
  const description = await inspect({ file });
  return { ...description, text: descriptionText(description) };
};

describe("ten broken files: what is wrong is said, and what to do", () => {
  const header = (edit: (view: DataView) => void, bytes = 1024 + 4 * 16 ** 3) => {
    writeBlob(path("whole.mrc"), 16, 4);
    const copy = new Uint8Array(readFileSync(path("whole.mrc"))).slice(0, bytes);
    edit(new DataView(copy.buffer));
    return copy;
  };
  const cases: readonly (readonly [what: string, content: () => string | Uint8Array, says: string | RegExp])[] = [
    ["an empty file", () => "", "is empty (0 bytes). Copy or make the file again."],
    ["a map cut short", () => header(() => {}, 5000), /truncated: expected 17408 bytes .*got 5000/],
    [
      "a Fourier transform as map",
      () => header((v) => v.setInt32(12, 4, true)),
      /mode 4 \(complex 32-bit floats, a Fourier transform\)/,
    ],
    ["axes that are none", () => header((v) => v.setInt32(64, 7, true)), "MAPC, MAPR, MAPS"],
    [
      "a STAR row with a value missing",
      () => "data_\n\nloop_\n_rlnA #1\n_rlnB #2\n1 2\n3\n",
      ":7: expected 2 values (one a column), got 1.",
    ],
    ["a STAR quote that is not closed", () => 'data_\n\nloop_\n_rlnA #1\n"open\n', ":5: a quoted value is not closed"],
    [
      "a .cs cut short",
      () => Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 200, 0, 0x7b, 0x20, 0x20]),
      "truncated",
    ],
    ["a gzip file cut short", () => gzipSync(header(() => {})).subarray(0, 200), "gzip data cannot be unpacked"],
    ["a run record cut short", () => '{"program":"vitreous","options":{', "damaged JSON"],
    ["zeros, as a full disk leaves them", () => new Uint8Array(3000), "the disk may have been full"],
    [
      "a PDB without coordinates",
      () => "HEADER    X\nATOM      1  CA  ALA A   1      xx      yy      zz\n",
      "expected three coordinates in columns 31–54",
    ],
    ["an FSC without points", () => '<?xml version="1.0"?>\n<fsc title="t"></fsc>', "without <coordinate> elements"],
  ];
  test.each(cases)("%s", async (_, content, says) => {
    const file = write("broken", content());
    const call = inspect({ file });
    await expect(call).rejects.toThrow(DataError);
    await expect(inspect({ file })).rejects.toThrow(says);
    await expect(inspect({ file })).rejects.toThrow(file);
  });

  test("a folder that is no run, and a file that is not there", async () => {
    await expect(inspect({ file: folder })).rejects.toThrow("expected the folder of a run (run.json)");
    await expect(inspect({ file: path("nothing") })).rejects.toThrow("ENOENT");
  });
});

describe("odd but whole files: the oddity is a note", () => {
  test("no pixel size, an odd box, values that are not numbers, a stale range in the header", async () => {
    writeBlob(path("odd.mrc"), 15, 0);
    const bytes = new Uint8Array(readFileSync(path("odd.mrc")));
    const view = new DataView(bytes.buffer);
    view.setFloat32(1024, Number.NaN, true);
    const { notes } = await inspected(write("odd.mrc", bytes));
    expect(notes.join(" ")).toMatch(/no pixel size.*odd number of pixels.*1 value not finite/);
    view.setFloat32(1024, 0, true);
    view.setFloat32(80, 99, true);
    const stale = await inspected(write("odd.mrc", bytes));
    expect(stale.text).toContain("which is not what the data hold");
  });

  test("terminal commands in a file's text are shown, not obeyed", async () => {
    const { text } = await inspected(
      write("t.xml", '<fsc title="\u001b[31mred"><coordinate><x>0.1</x><y>0.9</y></coordinate></fsc>'),
    );
    expect(text).not.toContain("\u001b");
  });
});

describe("what Vitreous itself writes", () => {
  test("a stack and its particles", async () => {
    expect(await inspected(data.path("particles.mrcs"))).toMatchObject({
      kind: "mrc-stack",
      summary: "a stack of 12 images of 16 × 16 px at 4 Å per pixel",
    });
    const set = await inspected(data.particles);
    expect(set.summary).toBe("a set of 12 particles (STAR, RELION 3.1 or later)");
    expect(set.text).toMatch(/images +12 images in 1 file: particles.mrcs/);
    expect(set.text).toMatch(/optics +opticsGroup1: 300 kV, Cs 2.7 mm, amplitude contrast 0.1, 4 Å per pixel, 16 px/);
    expect(set.notes).toEqual([]);
  });

  test("a packed map is looked into", async () => {
    writeBlob(path("m.mrc"), 16, 4);
    const { kind, text } = await inspected(write("m.map.gz", gzipSync(readFileSync(path("m.mrc")))));
    expect(kind).toBe("mrc-volume");
    expect(text).toContain("unpacked (gzip)");
  });

  test("a run's folder, record, curves, log, model and report", async () => {
    const run = makeRunFolder();
    try {
      expect(await inspected(run.folder)).toMatchObject({ kind: "run-folder", summary: "a Vitreous run: finished" });
      expect((await inspected(run.path("run.json"))).kind).toBe("run-record");
      const curves = await inspected(run.path("run_fsc.json"));
      expect(curves.text).toMatch(/corrected +1\d.\d* Å at 0.143, 12.8 Å at 0.5/);
      const log = await inspected(run.path("events.jsonl"));
      expect(log.summary).toBe("the log of a Vitreous run: 4 events, 2 rounds, finished");
      expect(log.notes.join(" ")).toMatch(/look at mic.*1 line cannot be read/);
      expect((await inspected(run.path("run_model.star"))).kind).toBe("star-model");
      const poses = await inspected(run.path("run_data.star"));
      expect(poses.text).toContain("30 of 40 show the particle");
      expect(poses.notes.join()).toContain("refine would refuse it");
    } finally {
      run.remove();
    }
  });

  test("a run under way says how to go on", async () => {
    const run = makeRunFolder({ isFinished: false });
    try {
      const { summary, notes } = await inspected(run.folder);
      expect(summary).toBe("a Vitreous run: not finished, 1 round done");
      expect(notes[0]).toBe(`to go on: vitreous resume ${run.folder}`);
    } finally {
      run.remove();
    }
  });

  test("a journal, whole and torn; looking at it changes nothing", async () => {
    const journal = Journal.open(path("round-001.journal"));
    journal.append(0, 0, new Uint8Array(100));
    journal.append(1, 0, new Uint8Array(50));
    journal.close();
    expect((await inspected(path("round-001.journal"))).text).toContain("1 of half-set 1, 1 of half-set 2");
    truncateSync(path("round-001.journal"), 190);
    const { summary, notes } = await inspected(path("round-001.journal"));
    expect(summary).toBe("a journal of posteriors: 1 whole block (124 bytes)");
    expect(notes).toEqual(["the last 66 bytes are torn or damaged: resume computes that block again."]);
    expect(readFileSync(path("round-001.journal"))).toHaveLength(190);
  });
});

test("aberrations of an optics group are named", async () => {
  const optics = {
    ...{ rlnOpticsGroupName: "bent", rlnOpticsGroup: 1, rlnImagePixelSize: 2, rlnImageSize: 16, rlnBeamTiltX: 0.1 },
    ...{ rlnOddZernike: "[0,0,1]", rlnMagMat00: 1.01, rlnMagMat01: 0, rlnMagMat10: 0, rlnMagMat11: 1 },
    rlnCtfDataAreCtfPremultiplied: 1,
  };
  const { text } = await inspected(
    write("bent.star", makeStarText([optics], [{ rlnImageName: "1@a.mrcs", rlnOpticsGroup: 1 }])),
  );
  expect(text).toContain("16 px, beam tilt, Zernike aberrations, magnification matrix, CTF-premultiplied");
});

test("an FSC curve says where it falls below the thresholds", async () => {
  const points = [0.05, 0.1, 0.15, 0.2].map(
    (x, i) => `<coordinate><x>${x}</x><y>${[1, 0.8, 0.3, 0.1][i]}</y></coordinate>`,
  );
  const { text } = await inspected(
    write("fsc.xml", `<?xml version="1.0"?>\n<fsc title="half maps">${points.join("\n")}</fsc>`),
  );
  // 0.3 → 0.1 passes 0.143 after 0.785 of 0.05, 0.8 → 0.3 passes 0.5 after 0.6 of it: 1/0.18925 and 1/0.13.
  expect(text).toMatch(/falls +5\.284 Å at 0.143, 7\.692 Å at 0.5/);
});

test("a set that refine would refuse says why", async () => {
  const text = makeStarText([], [{ rlnImageName: "1@a.mrcs", rlnDefocusU: 1e4 }]);
  expect((await inspected(write("few.star", text))).notes[0]).toMatch(/^refine would refuse it: .*lacks rlnDefocusV/);
});

const SHARED: Readonly<Record<string, string>> = {
  "apoferritin-dev/apo_dev_64_f16.mrcs": "a stack of 538 images of 64 × 64 px at 3 Å per pixel",
  "cs/empiar_10076_7.cs": "a cryoSPARC data set of 7 particles",
  "cs/empiar_10076_7.mrc": "a stack of 7 images of 320 × 320 px, pixel size not stated",
  "maps/apoferritin_ca_apo_sym.pdb": "an atomic model (PDB) of 4,080 atoms, all CA",
  "maps/ribosome-70S-65px.mrc": "a density map of 65 × 65 × 65 voxels, pixel size not stated",
  "mrc/EMD-3197.map": "a density map of 20 × 20 × 20 voxels at 11.4 Å per pixel",
  "ribosome-64/particles.star": "a set of 2,000 particles (STAR, RELION 3.1 or later)",
  "stacks/sample_relion_data.star": "a set of 17 particles (STAR, RELION 3.0 or earlier)",
  "star/default_pipeline.star": "a RELION project's pipeline of 31 jobs",
  "star/postprocess.star": "FSC curves of 49 shells, from postprocessing",
  "star/one_loop.star": "a set of 16 particles (STAR, subtomograms)",
  "star/relion5.star": "a set of 17 particles (STAR, RELION 3.1 or later)",
  "star/two_basic_blocks.star": "a STAR file of 2 blocks",
};
describe.skipIf(!hasSharedData(...Object.keys(SHARED)))("files of other programs", () => {
  test.each(Object.entries(SHARED))("%s is %s", async (name, summary) => {
    expect((await inspected(sharedData(name))).summary).toBe(summary);
  });
});
