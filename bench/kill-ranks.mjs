// kill -9 of a random rank at a random moment, ten times: the job must end within 10 s with a message that names the rank, and
// vitreous resume on another number of ranks must end in the bytes of an undisturbed run.
// Usage: node bench/kill-ranks.mjs [seed]
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { writeResult } from "./machine-record.mjs";
import { mpirunWords, pidOfRank } from "./mpi-words.mjs";
import { differingFiles, eventsOf, phaseOf, resultFiles } from "./run-state.mjs";

const TIMES = 10;
const MOST_RANKS = 4;
const LIMIT_S = 10;
const ROUNDS = 4;

const cli = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "vitreous-kill-ranks-"));
const data = join(folder, "data");

let randomState = Number(process.argv[2] ?? 1);
/** Uniform in [0, 1): mulberry32, so that a seed repeats the plan of moments. */
function random() {
  randomState = (randomState + 0x6d2b79f5) | 0;
  let t = Math.imul(randomState ^ (randomState >>> 15), 1 | randomState);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

function finished(words, ranks) {
  const all = ranks > 1 ? ["mpirun", ...mpirunWords(ranks), process.execPath, cli] : [process.execPath, cli];
  const result = spawnSync(all[0], [...all.slice(1), ...words], { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`vitreous ${words.join(" ")}: exit ${result.status}\n${result.stderr}`);
}

const sizes = "--rotations-per-image 24 --keep-cells 24 --checkpoint-particles 8 --batch 8".split(" ");
const run = `--max-rounds ${ROUNDS} --initial-resolution 50 --scan-resolution 40 --threads 1`.split(" ");

function refineWords(out) {
  return [
    "refine",
    join(data, "particles.star"),
    "--reference",
    join(data, "reference.mrc"),
    "--out",
    out,
    ...sizes,
    ...run,
  ];
}

/** Starts a job, kills one rank some time after a random event of the run, waits for the end. */
async function killedJob(out, ranks, victim) {
  const round = 1 + Math.floor(random() * ROUNDS);
  const which = random() < 0.6 ? "expectation.batch" : random() < 0.6 ? "maximization.start" : "round.done";
  const delayMs = 150 * random();
  const child = spawn("mpirun", [...mpirunWords(ranks), process.execPath, cli, ...refineWords(out)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let messages = "";
  child.stderr.on("data", (chunk) => {
    messages += chunk;
  });
  const ended = new Promise((resolve) => child.on("close", (code) => resolve({ code, at: performance.now() })));
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  while (!isOver && !eventsOf(out).some((event) => event.event === which && event.round === round)) await sleep(2);
  await sleep(delayMs);
  const pid = pidOfRank(child.pid, victim);
  if (pid === undefined) {
    await ended;
    return null;
  }
  const since = performance.now();
  process.kill(pid, "SIGKILL");
  const { code, at } = await ended;
  const isNamed = new RegExp(`rank ${victim}\\b`).test(messages);
  return { ranks, victim, round, phase: phaseOf(out), code, endedAfterS: (at - since) / 1000, isNamed };
}

const rows = [];
try {
  const simulated = "--particles 120 --box 32 --pixel-size 8 --snr 0.5 --seed 3".split(" ");
  finished(["simulate", "--out", data, ...simulated], 1);
  finished(refineWords(join(folder, "whole")), 1);
  const whole = resultFiles(join(folder, "whole"));
  console.log("kill  rank    phase       ended after  named  resumed on  files that differ");
  while (rows.length < TIMES) {
    const out = join(folder, `run${rows.length + 1}`);
    rmSync(out, { recursive: true, force: true });
    const ranks = 2 + Math.floor(random() * (MOST_RANKS - 1));
    const killed = await killedJob(out, ranks, Math.floor(random() * ranks));
    // The job was over before the blow fell.
    if (killed === null || killed.code === 0) continue;
    const resumedOn = 1 + ((ranks + Math.floor(random() * (MOST_RANKS - 1))) % MOST_RANKS);
    finished(["resume", out], resumedOn);
    const differing = differingFiles(whole, resultFiles(out));
    rows.push({ ...killed, resumedOn, differing });
    const shown = differing.length === 0 ? `none of ${whole.size}` : differing.join(", ");
    console.log(
      `${String(rows.length).padStart(4)}  ${killed.victim} of ${ranks}  ${killed.phase.padEnd(10)}  ${killed.endedAfterS.toFixed(1).padStart(9)} s  ` +
        `${killed.isNamed ? "yes" : "NO "}    ${String(resumedOn).padStart(10)}  ${shown}`,
    );
    rmSync(out, { recursive: true, force: true });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const passes = rows.every((row) => row.isNamed && row.endedAfterS < LIMIT_S && row.differing.length === 0);
console.log(writeResult("kill-ranks", { passes, rows }));
console.log(passes ? "every loss was named in time, and every resume ended in the same bytes" : "FAILED");
process.exit(passes ? 0 : 1);
