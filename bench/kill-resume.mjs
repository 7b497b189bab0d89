// kill -9 at ten random moments, each followed by vitreous resume: every result file must have the bytes of an undisturbed run.
// Usage: node bench/kill-resume.mjs [seed]
//
// Moments are aimed by the events that the run writes (and a watch on its checkpoint folder), with a random delay; where a
// kill really fell is read from what it left behind, and one that missed its phase is tried again.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeResult } from "./machine-record.mjs";
import { differingFiles, eventsOf, phaseOf, resultFiles } from "./run-state.mjs";

const PLAN = ["E", "E", "E", "E", "M", "M", "M", "checkpoint", "checkpoint", "final"];
const ROUNDS = 4;
const ATTEMPTS = 12;

const cli = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "vitreous-kill-"));
const data = join(folder, "data");

let randomState = Number(process.argv[2] ?? 1);
/** Uniform in [0, 1): mulberry32, so that a seed repeats the plan of moments. */
function random() {
  randomState = (randomState + 0x6d2b79f5) | 0;
  let t = Math.imul(randomState ^ (randomState >>> 15), 1 | randomState);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

function vitreous(...words) {
  const result = spawnSync(process.execPath, [cli, ...words], { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`vitreous ${words.join(" ")}: exit ${result.status}\n${result.stderr}`);
}

function refineWords(out) {
  const files = [join(data, "particles.star"), "--reference", join(data, "reference.mrc"), "--out", out];
  const size = ["--rotations-per-image", "24", "--keep-cells", "24", "--checkpoint-particles", "16", "--batch", "16"];
  const run = [
    "--max-rounds",
    String(ROUNDS),
    "--initial-resolution",
    "50",
    "--scan-resolution",
    "40",
    "--threads",
    "1",
  ];
  return ["refine", ...files, ...size, ...run];
}

/** Starts a run and kills it in the phase wanted, in a random round; returns the phase that the kill fell in. */
function killedRun(out, wanted) {
  const round = wanted === "final" ? ROUNDS : 1 + Math.floor(random() * ROUNDS);
  const batch = 1 + Math.floor(random() * 6);
  const delayMs = wanted === "checkpoint" ? 0 : random() * { E: 60, M: 250, final: 200 }[wanted];
  mkdirSync(join(out, "checkpoint"), { recursive: true });
  const child = spawn(process.execPath, [cli, ...refineWords(out)], { stdio: "ignore" });
  const exited = new Promise((resolve) => child.on("exit", resolve));
  const isDue = () => {
    const events = eventsOf(out);
    const inRound = events.filter((event) => event.round === round);
    if (wanted === "E") return inRound.filter(({ event }) => event === "expectation.batch").length >= batch;
    if (wanted === "M") return inRound.some(({ event }) => event === "maximization.start");
    return events.some(({ event, round: saved }) => event === "checkpoint.saved" && saved === ROUNDS);
  };
  const stateFile = `.round-${String(round).padStart(3, "0")}.state`;
  const files = ["round", "manifest"];
  const which = files[Math.floor(random() * files.length)];
  const watcher = watch(join(out, "checkpoint"), (_, name) => {
    if (wanted !== "checkpoint" || !name?.endsWith(".tmp")) return;
    const isManifestOfRound = name.startsWith(".manifest") && existsSync(join(out, "checkpoint", stateFile.slice(1)));
    if (which === "manifest" ? isManifestOfRound : name.startsWith(stateFile)) child.kill("SIGKILL");
  });
  const poll = setInterval(() => {
    if (wanted === "checkpoint" || !isDue()) return;
    clearInterval(poll);
    setTimeout(() => child.kill("SIGKILL"), delayMs);
  }, 2);
  return exited.then(() => {
    clearInterval(poll);
    watcher.close();
    return { round, phase: phaseOf(out) };
  });
}

const rows = [];
try {
  vitreous(
    "simulate",
    "--out",
    data,
    ...["--particles", "120", "--box", "32", "--pixel-size", "8", "--snr", "0.5", "--seed", "3"],
  );
  vitreous(...refineWords(join(folder, "whole")));
  const whole = resultFiles(join(folder, "whole"));
  console.log("kill  phase       round  events before  files that differ after resume");
  for (const [index, wanted] of PLAN.entries()) {
    const out = join(folder, `run${index + 1}`);
    let hit = { phase: "none", round: 0 };
    let attempts = 0;
    while (hit.phase !== wanted && attempts < ATTEMPTS) {
      rmSync(out, { recursive: true, force: true });
      hit = await killedRun(out, wanted);
      attempts++;
    }
    const before = eventsOf(out).length;
    vitreous("resume", out);
    const differing = differingFiles(whole, resultFiles(out));
    rows.push({ wanted, phase: hit.phase, round: hit.round, attempts, eventsBefore: before, differing });
    console.log(
      `${String(index + 1).padStart(4)}  ${hit.phase.padEnd(10)}  ${String(hit.round).padStart(5)}  ${String(before).padStart(13)}  ` +
        `${differing.length === 0 ? `none of ${whole.size}` : differing.join(", ")}`,
    );
    rmSync(out, { recursive: true, force: true });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const passes = rows.every(({ wanted, phase, differing }) => wanted === phase && differing.length === 0);
console.log(writeResult("kill-resume", { passes, rows }));
console.log(passes ? "same bytes after every kill" : "FAILED: a kill missed its phase, or bytes differ");
process.exit(passes ? 0 : 1);
