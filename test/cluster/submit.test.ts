import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import { folderOf, submit } from "../../src/cluster/submit.ts";
import { UsageError } from "../../src/core/errors.ts";
import { recorder } from "../cli/recorder.ts";

let folder: string;
const path = (name: string) => join(folder, name);
const searched = process.env["PATH"];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vitreous-submit-"));
});
afterEach(() => {
  process.env["PATH"] = searched;
  rmSync(folder, { recursive: true, force: true });
});

const refineWords = () => ["refine", "a.star", "--reference", "b.mrc", "--out", path("run1")];

test("wrong calls name what was expected", async () => {
  const cases: [string[], RegExp][] = [
    [["submit"], /submit: missing -- <refine …>/],
    [["submit", "--"], /submit --: expected the words of a command, got \[\]/],
    [["submit", "--", "refin", "x"], /submit --: expected a verb of vitreous, got "refin"\. Did you mean refine\?/],
    [["submit", "--", "submit", "--", "refine"], /submit --: expected a verb of vitreous, got "submit"/],
    [["submit", "--", "refine", "a.star"], /refine: missing --reference <map\.mrc>, --out <folder>/],
    [["submit", "--scheduler", "pbs", "--", "demo"], /submit --scheduler: expected one of slurm, got "pbs"/],
    [["submit", "--ranks", "2", "--launcher", "none", "--", ...refineWords()], /expected one rank, got --ranks 2/],
    [["submit", "--threads", "2", "refine", "--", "demo"], /submit: did not expect "refine"/],
  ];
  for (const [words, message] of cases) {
    const terminal = recorder();
    expect(await runCli([...words.slice(0, 1), ...words.slice(1)], terminal), words.join(" ")).toBe(2);
    expect(terminal.messages).toMatch(message);
  }
});

test("a script is written for the command, with the run's folder as its name", () => {
  const script = path("job.sh");
  const result = submit({ command: refineWords(), script, rankCount: 4, threads: 16, queue: "gpu" });
  expect(result).toEqual({ script, name: "vitreous-run1", runFolder: path("run1"), jobId: null });
  const text = readFileSync(script, "utf8");
  expect(text).toContain(
    "#SBATCH --partition=gpu\n#SBATCH --nodes=4\n#SBATCH --ntasks=4\n#SBATCH --cpus-per-task=16\n",
  );
  expect(text).toContain(`if [ -e ${path("run1/run.json")} ]; then`);
  expect(text).toContain(`set -- vitreous resume ${path("run1")} --threads "\${SLURM_CPUS_PER_TASK:-16}"`);
  expect(text).toContain('mpirun --bind-to none -n 4 "$@" &');
  expect(text).not.toContain("XXX");
});

test("threads that the command names itself are left to it", () => {
  const script = path("job.sh");
  submit({ command: [...refineWords(), "--threads", "3"], script });
  expect(readFileSync(script, "utf8")).not.toContain("SLURM_CPUS_PER_TASK");
});

test("a refinement into a folder that holds a run is refused, its continuation is not", () => {
  mkdirSync(path("run1"));
  writeFileSync(path("run1/run.json"), "{}");
  expect(() => submit({ command: refineWords(), script: path("job.sh") })).toThrow(UsageError);
  expect(existsSync(path("job.sh"))).toBe(false);
  const result = submit({ command: ["resume", path("run1")], script: path("job.sh") });
  expect(result.runFolder).toBe(path("run1"));
});

test("the folder of a run is found however its flag is written", () => {
  expect(folderOf("refine", ["a.star", "--out", "x"])).toBe("x");
  expect(folderOf("refine", ["a.star", "--out=x y"])).toBe("x y");
  expect(folderOf("refine", ["--o", "x", "a.star"])).toBe("x");
  expect(folderOf("resume", ["--threads=2", "x"])).toBe("x");
  expect(folderOf("demo", ["--out", "x"])).toBeNull();
});

test("with --submit the scheduler is given the script, and its answer is the job's number", async () => {
  process.env["PATH"] = `${folder}${delimiter}${searched}`;
  writeFileSync(path("sbatch"), `#!/bin/sh\necho "$@" > ${path("given")}\necho '123;cluster'\n`);
  chmodSync(path("sbatch"), 0o755);
  const terminal = recorder();
  const words = ["submit", "--submit", "--script", path("job.sh"), "--", ...refineWords()];
  expect(await runCli(words, terminal)).toBe(0);
  expect(terminal.results).toContain("job     123 (vitreous-run1)\n");
  expect(readFileSync(path("given"), "utf8")).toBe(`--parsable ${path("job.sh")}\n`);
});

test("a scheduler that is not there, or that refuses, is a failure that says so", async () => {
  process.env["PATH"] = folder;
  const words = ["submit", "--submit", "--script", path("job.sh"), "--", ...refineWords()];
  const absent = recorder();
  expect(await runCli(words, absent)).toBe(1);
  expect(absent.messages).toContain("sbatch: cannot run it. It is not installed here, or not on the PATH.");
  writeFileSync(path("sbatch"), "#!/bin/sh\necho 'invalid partition' >&2\nexit 1\n");
  chmodSync(path("sbatch"), 0o755);
  const refused = recorder();
  expect(await runCli(words, refused)).toBe(1);
  expect(refused.messages).toContain("sbatch ended with 1: invalid partition");
});
