// Post-processing against relion_postprocess on the same half maps and mask: FSC curves, resolution, B-factor.
// Usage: node bench/postprocess-vs-relion.mjs [run folder] [fit from, Å]
//
// Without a folder the ribosome set beside the repository is refined first (some minutes). The mask is Vitreous's own automatic
// one. Each program's phase-randomised FSC is the mean of five seeds. Criteria: resolution within one shell, 0.01 in the unmasked
// and masked FSC, 0.03 in the corrected one, 10 % in the B-factor, each over all shells from 1 on.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { postprocess, refine, silentLog } from "../dist/index.js";
import { readStarFile } from "../dist/io/node/star-file.js";
import { firstLine, writeResult } from "./machine-record.mjs";

const LIMITS = { unmasked: 0.01, masked: 0.01, corrected: 0.03, bFactorShare: 0.1, shells: 1 };
const SEEDS = [1, 2, 3, 4, 5];
const FIT_FROM_A = Number(process.argv[3] ?? 20);

const folder = mkdtempSync(join(tmpdir(), "vitreous-postprocess-"));
const context = { signal: new AbortController().signal, log: silentLog };

async function runFolder() {
  if (process.argv[2]) return process.argv[2];
  const data = fileURLToPath(new URL("../../shared/data/ribosome-64", import.meta.url));
  const out = join(folder, "run");
  const input = {
    particles: join(data, "particles.star"),
    reference: join(data, "reference.mrc"),
    out,
    maskDiameterA: 300,
  };
  await refine(input, context);
  return out;
}

/** Columns of a post-processing's STAR file. */
function readCurves(path) {
  const document = readStarFile(path);
  const table = (name) => document.blocks.find((block) => block.name === name).table;
  const fsc = table("fsc");
  const column = (name) => [...fsc.numbers(name)];
  const general = table("general");
  return {
    resolutionA: general.numbers("rlnFinalResolution")[0],
    bFactorA2: general.numbers("rlnBfactorUsedForSharpening")[0],
    randomiseFromA: general.numbers("rlnRandomiseFrom")[0],
    unmasked: column("rlnFourierShellCorrelationUnmaskedMaps"),
    masked: column("rlnFourierShellCorrelationMaskedMaps"),
    randomised: column("rlnCorrectedFourierShellCorrelationPhaseRandomizedMaskedMaps"),
    corrected: column("rlnFourierShellCorrelationCorrected"),
  };
}

function meanOf(runs) {
  const mean = (pick) => runs.reduce((sum, run) => sum + pick(run), 0) / runs.length;
  const curve = (name) => runs[0][name].map((_, shell) => mean((run) => run[name][shell]));
  return {
    resolutionA: mean((run) => run.resolutionA),
    bFactorA2: mean((run) => run.bFactorA2),
    randomiseFromA: runs[0].randomiseFromA,
    unmasked: curve("unmasked"),
    masked: curve("masked"),
    randomised: curve("randomised"),
    corrected: curve("corrected"),
  };
}

try {
  const run = await runFolder();
  const ours = [];
  let first;
  for (const seed of SEEDS) {
    const out = join(folder, `ours${seed}`);
    const started = performance.now();
    const result = await postprocess(
      {
        folder: run,
        out,
        seed,
        randomisations: 1,
        fitFromA: FIT_FROM_A,
        skipLocalResolution: true,
        ...(first ? { mask: first.mask } : {}),
      },
      context,
    );
    const mask = first?.mask ?? result.files.mask;
    first ??= { mask, result, seconds: (performance.now() - started) / 1000 };
    ours.push(readCurves(result.files.curves));
  }
  const { result } = first;
  const { boxPx, pixelSizeA, guinierFit } = result;
  const theirs = [];
  let command = "";
  let relionSeconds = 0;
  for (const seed of SEEDS) {
    const args = [
      ["--i", result.halfMaps[0]],
      ["--i2", result.halfMaps[1]],
      ["--o", join(folder, `relion${seed}`)],
      ["--angpix", pixelSizeA],
      ["--mask", first.mask],
      ["--auto_bfac"],
      ["--autob_lowres", FIT_FROM_A],
      // A little finer than the last shell of ours, so that rounding does not leave it out.
      ["--autob_highres", guinierFit.toA - 0.01],
      ["--random_seed", seed],
    ].flat();
    const started = performance.now();
    execFileSync("relion_postprocess", args.map(String), { stdio: "ignore" });
    relionSeconds ||= (performance.now() - started) / 1000;
    command ||= `relion_postprocess ${args.map((arg) => String(arg).replace(folder, "…").replace(run, "RUN")).join(" ")}`;
    theirs.push(readCurves(join(folder, `relion${seed}.star`)));
  }
  const [a, b] = [meanOf(ours), meanOf(theirs)];
  const widthA = boxPx * pixelSizeA;
  const largest = (name) => Math.max(...a[name].slice(1).map((value, i) => Math.abs(value - b[name][i + 1])));
  const found = {
    unmasked: largest("unmasked"),
    masked: largest("masked"),
    randomised: largest("randomised"),
    corrected: largest("corrected"),
    bFactorShare: Math.abs(a.bFactorA2 / b.bFactorA2 - 1),
    shells: Math.abs(widthA / a.resolutionA - widthA / b.resolutionA),
  };
  const verdicts = Object.fromEntries(Object.entries(LIMITS).map(([name, limit]) => [name, found[name] <= limit]));
  for (const [name, value] of Object.entries(found)) {
    const verdict = name in LIMITS ? `limit ${LIMITS[name]}  ${verdicts[name] ? "passes" : "FAILS"}` : "";
    console.log(`${name.padEnd(14)} ${value.toFixed(4)}  ${verdict}`);
  }
  console.log(
    `resolution     ${a.resolutionA.toFixed(2)} Å, RELION ${b.resolutionA.toFixed(2)} Å; randomised from ${a.randomiseFromA.toFixed(1)} and ${b.randomiseFromA.toFixed(1)} Å`,
  );
  console.log(
    `B-factor       ${a.bFactorA2.toFixed(1)} Å², RELION ${b.bFactorA2.toFixed(1)} Å² (${FIT_FROM_A} to ${guinierFit.toA.toFixed(2)} Å)`,
  );
  console.log(
    writeResult("postprocess-vs-relion", {
      relion: firstLine("relion_postprocess", ["--version"]),
      command,
      seconds: first.seconds,
      relionSeconds,
      limits: LIMITS,
      found,
      verdicts,
      ours: a,
      theirs: b,
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
