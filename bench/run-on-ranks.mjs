// One refinement on n ranks of one thread: seconds on the wall and of all ranks' processors for each phase of each round, as --profile tells.
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dist } from "./dist.mjs";
import { mpirunWords } from "./mpi-words.mjs";

const main = fileURLToPath(new URL("cli/main.js", dist));

/** One refinement: for each round its stage and radius, seconds on the wall and of processors in E and in M, and of each op on rank 0. */
export async function runOnRanks(set, n, folder, { rounds: roundCount, blockSize, batch, slices, model }) {
  const out = join(folder, `run-${n}`);
  rmSync(out, { recursive: true, force: true });
  const words = ["refine", set.star, "--reference", set.reference, "--out", out, "--threads", "1", "--profile"];
  words.push("--max-rounds", roundCount, "--mask-diameter", String(set.diameterA), "--initial-resolution", "50");
  words.push("--checkpoint-particles", String(blockSize), "--batch", String(batch));
  words.push("--slices", slices, "--model", model);
  const command = n === 1 ? [process.execPath] : ["mpirun", ...mpirunWords(n), process.execPath];
  const child = spawn(command[0], [...command.slice(1), main, ...words], { stdio: ["ignore", "ignore", "inherit"] });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  if (code !== 0) throw new Error(`${words.join(" ")} on ${n} ranks ended with ${code}`);
  const events = readFileSync(join(out, "events.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const rounds = [];
  for (const start of events.filter((event) => event.event === "round.start")) {
    const of = (phase) => {
      const found = events.find((e) => e.event === "profile" && e.round === start.round && e.phase === phase);
      const ops = Object.fromEntries(found.ops.map(({ op, elapsedMs }) => [op, elapsedMs / 1000]));
      return { wall: found.wallMs / 1000, processor: found.processorMs / 1000, ops, rest: found.restMs / 1000 };
    };
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
      E: of("expectation"),
      M: of("maximization"),
    });
  }
  rmSync(out, { recursive: true, force: true });
  return rounds;
}
