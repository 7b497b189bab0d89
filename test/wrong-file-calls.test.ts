import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../src/cli/run-cli.ts";
import { recorder } from "./cli/recorder.ts";

// Wrong calls of the verbs that look at files: exit code, message, and nothing written.
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vitreous-wrong-"));
  writeFileSync(join(folder, "set.star"), "data_particles\n\nloop_\n_rlnImageName #1\n1@a.mrcs\n");
  writeFileSync(join(folder, "notes.txt"), "hello\n");
  writeFileSync(join(folder, "zeros.star"), new Uint8Array(2000));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SET = "{}/set.star";
const OUT = "{}/out.star";

describe("a wrong call exits with 2 and names the flag", () => {
  test.each<readonly [words: readonly string[], message: string]>([
    [["inspect"], "inspect: missing <file or folder>"],
    [["inspect", SET, "--images", "-1"], 'inspect --images: expected a whole number of at least 0 (count), got "-1".'],
    [["validate"], "validate: missing <particles.star>"],
    [["validate", SET, "--strict"], "validate: there is no flag --strict."],
    [["select", SET], "select: missing --out <out.star>"],
    [["select", SET, "--out", OUT], "select: expected a condition, got none."],
    [["select", SET, "--out", OUT, "--defocus", "2,1"], "select --defocus: expected two numbers low,high"],
    [
      ["select", SET, "--out", OUT, "--half", "3"],
      'select --half: expected a whole number from 0 to 2 (1 or 2), got "3".',
    ],
    [
      ["select", SET, "--out", OUT, "--min-score", "good"],
      'select --min-score: expected a number (value), got "good".',
    ],
    [["expand", SET, "--out", OUT], "expand: --symmetry C1 has one operator: there is nothing to expand."],
    [["expand", SET, "--out", OUT, "--symmetry", "Q"], "expand --symmetry: symmetry: expected C1, C2"],
    [["subtract", SET, "--out", OUT, "--mask", "m.mrc"], "subtract: missing --reference <map.mrc>"],
    [["subtract", SET, "--out", OUT, "--reference", "a.mrc"], "subtract: missing --mask <mask.mrc>"],
    [
      ["subtract", SET, "--out", OUT, "--reference", "a.mrc", "--mask", "m.mrc", "--scale", "two"],
      'subtract --scale: expected one of optics, particle, none, got "two".',
    ],
    [["symmetry"], "symmetry: missing <map.mrc>"],
    [
      ["symmetry", "a.mrc", "--threshold", "2"],
      'symmetry --threshold: expected a number from 0 to 1 (correlation), got "2".',
    ],
    [["symmetry", "a.mrc", "--particles", SET], "symmetry: --particles needs --out"],
    [["defocus"], "defocus: missing <folder>"],
    [["defocus", "{}"], "defocus: missing --out <folder>"],
    [
      ["defocus", "{}", "--out", "{}/d", "--defocus-range", "wide"],
      'defocus --defocus-range: expected a number from 50 to 20000 (Å), got "wide".',
    ],
    [
      ["defocus", "{}", "--out", "{}/d", "--max-rounds", "0"],
      'defocus --max-rounds: expected a whole number from 1 to 100 (count), got "0".',
    ],
    [["beamtilt"], "beamtilt: missing <folder>"],
    [["beamtilt", "{}"], "beamtilt: missing --out <particles.star>"],
    [["beamtilt", "{}", "--out", OUT, "--group", "1"], "beamtilt: there is no flag --group."],
    [["report"], "report: missing <folder>"],
    [["report", "a", "b"], 'report: did not expect "b". Usage: vitreous report <folder> [options]'],
  ])("%j", async (words, message) => {
    expect(await messageOf(words, 2)).toContain(message);
  });
});

describe("a file that will not do exits with 1, names the file and says what to do", () => {
  test.each<readonly [words: readonly string[], message: string]>([
    [["inspect", "{}/gone"], "/gone: cannot read: ENOENT. It does not exist. Check the path."],
    [["inspect", "{}/notes.txt"], "/notes.txt: not recognised (6 bytes): expected MRC, STAR, .cs"],
    [["inspect", "{}"], "expected the folder of a run (run.json) or a checkpoint (manifest.json)"],
    [["validate", "{}/gone.star"], "/gone.star: cannot read: ENOENT"],
    [["validate", "{}/notes.txt"], "/notes.txt:1: expected data_, loop_ or a _label, got a value."],
    [["validate", "{}/zeros.star"], "/zeros.star: expected a STAR file, got binary data. vitreous inspect says what"],
    [["select", "{}/zeros.star", "--out", OUT, "--half", "1"], "/zeros.star: expected a STAR file, got binary data."],
    [["select", SET, "--out", OUT, "--min-score", "0.5"], "--min-score needs the column vitGoodProbability"],
    [["select", SET, "--out", OUT, "--micrograph", "a*"], "--micrograph needs the column rlnMicrographName"],
    [["expand", SET, "--out", OUT, "--symmetry", "C4"], "has no poses (rlnAngleRot, rlnAngleTilt, rlnAnglePsi)"],
    [
      ["subtract", SET, "--out", OUT, "--reference", "{}/gone.mrc", "--mask", "{}/m.mrc"],
      "/gone.mrc: cannot read: ENOENT. It does not exist. Check the path.",
    ],
    [["symmetry", "{}/notes.txt"], "/notes.txt: truncated: expected an MRC header of 1024 bytes, got 6."],
    [["defocus", "{}", "--out", "{}/d"], "expected the folder of a run (run.json), found none."],
    [["beamtilt", "{}", "--out", OUT], "expected the folder of a run (run.json), found none."],
    [["report", "{}"], "expected the folder of a run (run.json), found none. Give the folder that --out"],
  ])("%j", async (words, message) => {
    expect(await messageOf(words, 1)).toContain(message);
    expect(readdirSync(folder).sort()).toEqual(["notes.txt", "set.star", "zeros.star"]);
  });
});

async function messageOf(words: readonly string[], code: number): Promise<string> {
  const terminal = recorder();
  expect(
    await runCli(
      words.map((word) => word.replace("{}", folder)),
      terminal,
    ),
  ).toBe(code);
  expect(terminal.results).toBe("");
  return terminal.messages;
}
