import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Job, jobScript } from "../../src/cluster/job-script.ts";
import { SLURM_TEMPLATE } from "../../src/cluster/slurm-template.ts";

const job: Job = {
  name: "run1",
  queue: "",
  rankCount: 4,
  threads: 8,
  nodeCount: 2,
  timeLimit: "",
  graceSeconds: 60,
  outFile: "run1.out",
  errFile: "run1.err",
  extra1: "",
  extra2: "",
  launcher: [],
  command: ["vitreous", "refine"],
  continuation: null,
  takesThreads: false,
};

describe("a template is refused", () => {
  test.each([
    [
      "for a C shell",
      "#!/bin/tcsh\nXXXcommandXXX\n",
      'expected a script for a POSIX shell (#!/bin/bash or #!/bin/sh in its first line), got "#!/bin/tcsh"',
    ],
    ["without its first line", "XXXcommandXXX\n", "expected a script for a POSIX shell"],
    ["without a command", "#!/bin/bash\necho\n", "expected XXXcommandXXX where the command belongs, got none"],
    [
      "with a variable that nobody knows",
      "#!/bin/bash\nXXXcommandXXX XXXgpusXXX\n",
      "there is no variable XXXgpusXXX. Known: XXXnameXXX",
    ],
  ])("%s", (_, template, message) => {
    expect(() => jobScript(template, job, "site.sh")).toThrow(`site.sh: ${message}`);
  });

  test("a name that would start another line of it", () => {
    expect(() => jobScript(SLURM_TEMPLATE, { ...job, name: "a\n#SBATCH --uid=0" }, "t")).toThrow(
      "expected no line breaks, quotes or backslashes",
    );
  });
});

test("RELION's variables are filled in, and a directive without a value is left out", () => {
  const template = `#!/bin/bash
#SBATCH --partition=XXXqueueXXX
#SBATCH --ntasks=XXXmpinodesXXX
#SBATCH --cpus-per-task=XXXthreadsXXX
#SBATCH -o XXXoutfileXXX -e XXXerrfileXXX
#SBATCH --mem=XXXextra1XXX
echo XXXnameXXX XXXcoresXXX XXXnodesXXX XXXdedicatedXXX
mpirun -n XXXmpinodesXXX XXXcommandXXX
`;
  expect(jobScript(template, { ...job, extra1: "64G", name: "a b" }, "t")).toBe(`#!/bin/bash
#SBATCH --ntasks=4
#SBATCH --cpus-per-task=8
#SBATCH -o run1.out -e run1.err
#SBATCH --mem=64G
set -- vitreous refine

echo 'a b' 32 2 16
mpirun -n 4 "$@"
`);
});

describe("a filled-in script", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "vitreous-job-"));
    program("show", `printf '%s\\0' "$@"`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const path = (name: string) => join(folder, name);
  function program(name: string, body: string): string {
    writeFileSync(path(name), `#!/bin/bash\n${body}\n`);
    chmodSync(path(name), 0o755);
    return path(name);
  }
  function written(text: string): string {
    writeFileSync(path("job.sh"), text);
    return path("job.sh");
  }

  test("passes every word of the command on as it was", () => {
    const word = fc.string({ unit: "grapheme" }).map((s) => s.replaceAll("\0", ""));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        const text = jobScript(SLURM_TEMPLATE, { ...job, command: [path("show"), ...words] }, "t");
        const { stdout } = spawnSync("bash", [written(text)], { encoding: "utf8" });
        expect(stdout.split("\0").slice(0, -1)).toEqual(words.length > 0 ? words : [""]);
      }),
      { numRuns: 25 },
    );
  });

  test("runs the command first, and its continuation once there is a checkpoint; the scheduler says how many threads", () => {
    const checkpoint = path("it's a run.json");
    const text = jobScript(
      SLURM_TEMPLATE,
      {
        ...job,
        command: [path("show"), "refine"],
        continuation: { checkpoint, command: [path("show"), "resume"] },
        takesThreads: true,
      },
      "t",
    );
    const run = (environment: Record<string, string>) =>
      spawnSync("bash", [written(text)], { encoding: "utf8", env: { ...process.env, ...environment } }).stdout;
    expect(run({})).toBe("refine\0--threads\0" + "8\0");
    writeFileSync(checkpoint, "{}");
    expect(run({ SLURM_CPUS_PER_TASK: "3" })).toBe("resume\0--threads\0" + "3\0");
  });

  test.each([
    ["USR1", "saved", 7, true],
    ["TERM", "stopped", 9, false],
  ] as const)("hands %s on, waits for the run to end, and ends as it did", async (signal, mark, code, isRequeued) => {
    program("scontrol", `echo "$@" > ${path("requeued")}`);
    const started = path(`started-${signal}`);
    const run = program(
      "run",
      `trap 'sleep 0.2; touch ${path("saved")}; exit 7' USR1
trap 'sleep 0.2; touch ${path("stopped")}; exit 9' TERM
touch ${started}
for i in $(seq 200); do sleep 0.05; done`,
    );
    rmSync(path("requeued"), { force: true });
    const text = jobScript(SLURM_TEMPLATE, { ...job, command: [run] }, "t");
    const child = spawn("bash", [written(text)], {
      env: { ...process.env, PATH: `${folder}:${process.env["PATH"]}`, SLURM_JOB_ID: "42" },
    });
    while (!existsSync(started)) await new Promise((resolve) => setTimeout(resolve, 10));
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    child.kill(`SIG${signal}`);
    expect(await ended).toBe(code);
    expect(existsSync(path(mark))).toBe(true);
    expect(existsSync(path("requeued"))).toBe(isRequeued);
    if (isRequeued) expect(readFileSync(path("requeued"), "utf8")).toBe("requeue 42\n");
  });

  test("that ends well while it is told to stop is not queued again", () => {
    program("scontrol", `touch ${path("requeued-well")}`);
    const run = program("well", "trap '' USR1; kill -USR1 $PPID; sleep 0.2; exit 0");
    const text = jobScript(SLURM_TEMPLATE, { ...job, command: [run] }, "t");
    const { status } = spawnSync("bash", [written(text)], {
      env: { ...process.env, PATH: `${folder}:${process.env["PATH"]}`, SLURM_JOB_ID: "42" },
    });
    expect(status).toBe(0);
    expect(existsSync(path("requeued-well"))).toBe(false);
  });
});
