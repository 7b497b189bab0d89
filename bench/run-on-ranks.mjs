// One refinement on n ranks of one thread, watched from outside: seconds on the wall and of processors for each phase of each round.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dist } from "./dist.mjs";

const main = fileURLToPath(new URL("cli/main.js", dist));
const TICKS_PER_S = 100;

/** Processor seconds of every process whose command line names the run's folder and this program. */
function processorSeconds(folder) {
  let ticks = 0;
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      if (words[1] !== main || !words.includes(folder)) continue;
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // The process has ended in between.
    }
  }
  return ticks / TICKS_PER_S;
}

/** One refinement: for each round its stage and radius, seconds on the wall and of processors in E and in M. */
export async function runOnRanks(set, n, folder, { rounds: roundCount, blockSize, batch }) {
  const out = join(folder, `run-${n}`);
  rmSync(out, { recursive: true, force: true });
  const words = [
    "refine",
    set.star,
    "--reference",
    set.reference,
    "--out",
    out,
    "--threads",
    "1",
    "--max-rounds",
    roundCount,
  ];
  words.push("--mask-diameter", String(set.diameterA), "--initial-resolution", "50", "--slices", "recompute");
  words.push("--checkpoint-particles", String(blockSize), "--batch", String(batch));
  const command =
    n === 1
      ? [process.execPath]
      : ["mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", String(n), process.execPath];
  const child = spawn(command[0], [...command.slice(1), main, ...words], { stdio: "ignore" });
  const samples = [];
  const timer = setInterval(() => samples.push([Date.now(), processorSeconds(out)]), 50);
  const code = await new Promise((resolve) => child.on("exit", resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`${words.join(" ")} on ${n} ranks ended with ${code}`);
  const at = (time) => {
    const next = samples.findIndex(([when]) => when >= time);
    return (samples[next] ?? samples.at(-1))[1];
  };
  const events = readFileSync(join(out, "events.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const rounds = [];
  for (const start of events.filter((event) => event.event === "round.start")) {
    const of = (name) => events.find((event) => event.event === name && event.round === start.round);
    const [begin, middle, end] = [start, of("maximization.start"), of("round.done")].map((e) => Date.parse(e.time));
    const sigma =
      start.round === 1
        ? 10
        : Number(
            /_rlnSigmaOffsetsAngst\s+(\S+)/.exec(
              readFileSync(join(out, `run_it${String(start.round - 1).padStart(3, "0")}_model.star`), "utf8"),
            )?.[1],
          );
    rounds.push({
      round: start.round,
      stage: start.stage,
      radiusShell: start.radiusShell,
      offsetSigmaA: sigma,
      E: { wall: (middle - begin) / 1000, processor: at(middle) - at(begin) },
      // Rank 0 says where M begins, while others may still be in E: only the sum is sure.
      both: { wall: (end - begin) / 1000, processor: at(end) - at(begin) },
      M: { wall: (end - middle) / 1000, processor: at(end) - at(middle) },
    });
  }
  rmSync(out, { recursive: true, force: true });
  return rounds;
}
