// Post-processing against relion_postprocess on the same half maps and mask: FSC curves, resolution, B-factor.
// Usage: node bench/postprocess-vs-relion.mjs [run folder]
//
// Two cases: the half maps of a refinement of the ribosome set beside the repository (64 px, 5 Å/px, fit from 20 Å; refined first
// where no run folder is given), and the built-in molecule at 2 Å/px behind an MTF and a B-factor, in noise (fit from 10 Å). The mask
// is Vitreous's own automatic one. Each program's phase-randomised FSC is the mean of five seeds. Criteria: resolution within one
// shell, 0.01 in the unmasked and masked FSC, 0.03 in the corrected one, 10 % in the B-factor, over all shells from 1 on.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { normalPair, philox4x32 } from "../dist/core/random.js";
import { openDevice } from "../dist/device/open.js";
import { postprocess, refine, silentLog } from "../dist/index.js";
import { writeMapFile } from "../dist/io/node/map-file.js";
import { readStarFile } from "../dist/io/node/star-file.js";
import { blobDensityInto } from "../dist/map/blob-density.js";
import { deviceFft3 } from "../dist/map/device-fft3.js";
import { makeMtfCurve, mtfAt } from "../dist/map/mtf.js";
import { makePhantom } from "../dist/map/phantom.js";
import { radialGainInto } from "../dist/map/radial-gain.js";
import { firstLine, writeResult } from "./machine-record.mjs";

const LIMITS = { unmasked: 0.01, masked: 0.01, corrected: 0.03, bFactorShare: 0.1, shells: 1 };
const SEEDS = [1, 2, 3, 4, 5];
/** A detector's MTF, invented but of the usual shape. */
const MTF = { frequency: [0, 0.1, 0.2, 0.3, 0.4, 0.5], value: [1, 0.93, 0.83, 0.7, 0.56, 0.42] };

const folder = mkdtempSync(join(tmpdir(), "vitreous-postprocess-"));
const context = { signal: new AbortController().signal, log: silentLog };

async function ribosomeCase() {
  const run = process.argv[2] ?? join(folder, "run");
  if (!process.argv[2]) {
    const data = fileURLToPath(new URL("../../shared/data/ribosome-64", import.meta.url));
    const input = {
      particles: join(data, "particles.star"),
      reference: join(data, "reference.mrc"),
      maskDiameterA: 300,
    };
    await refine({ ...input, out: run }, context);
  }
  const [half1, half2] = [1, 2].map((half) => join(run, `run_half${half}_class001_unfil.mrc`));
  return { name: "ribosome-64", half1, half2, fitFromA: 20, mtf: null };
}

/** The built-in molecule at 96 px of 2 Å times exp(-40 s²) and the MTF, plus white noise. */
async function phantomCase() {
  const [n, pixelSizeA] = [96, 2];
  const device = openDevice({ kind: "cpu" });
  const mtf = join(folder, "mtf.star");
  const rows = MTF.frequency.map((frequency, i) => `${frequency} ${MTF.value[i]}`);
  writeFileSync(mtf, `data_\n\nloop_\n_rlnResolutionInversePixel #1\n_rlnMtfValue #2\n${rows.join("\n")}\n`);
  const curve = makeMtfCurve("MTF", MTF.frequency, MTF.value, pixelSizeA);
  try {
    const fft = deviceFft3(device);
    const truth = blobDensityInto(new Float32Array(n ** 3), n, pixelSizeA, makePhantom());
    const transform = await fft.forward(truth, n);
    const gain = (radius) => mtfAt(curve, radius / (n * pixelSizeA)) * Math.exp(-40 * (radius / (n * pixelSizeA)) ** 2);
    const blurred = await fft.inverse(radialGainInto(transform, transform, n, gain), n);
    const deviation = 0.05 * blurred.reduce((a, b) => Math.max(a, b));
    const paths = [1, 2].map((half) => {
      const words = new Uint32Array(4);
      const normal = new Float64Array(2);
      const data = blurred.map((value, i) => {
        philox4x32(words, half, 0, i, 0, 0, 0);
        normalPair(normal, 0, words[0], words[1]);
        return value + deviation * normal[0];
      });
      const path = join(folder, `phantom_half${half}.mrc`);
      writeMapFile(path, { sizeX: n, sizeY: n, sizeZ: n, pixelSizeA, data });
      return path;
    });
    return { name: "phantom at 2 Å/px, MTF", half1: paths[0], half2: paths[1], fitFromA: 10, mtf };
  } finally {
    device.close();
  }
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

async function measure({ name, half1, half2, fitFromA, mtf }) {
  const ours = [];
  let first;
  for (const seed of SEEDS) {
    const out = join(folder, `ours${seed}`);
    const input = { half1, half2, out, seed, randomisations: 1, fitFromA, mtf, skipLocalResolution: true };
    const started = performance.now();
    const result = await postprocess({ ...input, mask: first?.mask ?? "auto" }, context);
    const mask = first?.mask ?? join(folder, `${name.replaceAll(/\W+/g, "-")}-mask.mrc`);
    if (!first) copyFileSync(result.files.mask, mask);
    first ??= { mask, result, seconds: (performance.now() - started) / 1000 };
    ours.push(readCurves(result.files.curves));
  }
  const { boxPx, pixelSizeA, guinierFit } = first.result;
  const theirs = [];
  let command = "";
  let relionSeconds = 0;
  for (const seed of SEEDS) {
    const out = join(folder, `relion${seed}`);
    // The end of the fit a little finer than our last shell, so that rounding does not leave it out.
    const end = guinierFit.toA - 0.01;
    const args = [
      ["--i", half1, "--i2", half2, "--o", out, "--angpix", pixelSizeA, "--mask", first.mask],
      ["--auto_bfac", "--autob_lowres", fitFromA, "--autob_highres", end, "--random_seed", seed],
      mtf ? ["--mtf", mtf, "--mtf_angpix", pixelSizeA] : [],
    ].flat();
    const started = performance.now();
    execFileSync("relion_postprocess", args.map(String), { stdio: "ignore" });
    relionSeconds ||= (performance.now() - started) / 1000;
    command ||= `relion_postprocess ${args.map((arg) => String(arg).replace(/.*\//, "")).join(" ")}`;
    theirs.push(readCurves(`${out}.star`));
  }
  const [a, b] = [meanOf(ours), meanOf(theirs)];
  const widthA = boxPx * pixelSizeA;
  const largest = (curve) => Math.max(...a[curve].slice(1).map((value, i) => Math.abs(value - b[curve][i + 1])));
  const found = {
    unmasked: largest("unmasked"),
    masked: largest("masked"),
    randomised: largest("randomised"),
    corrected: largest("corrected"),
    bFactorShare: Math.abs(a.bFactorA2 / b.bFactorA2 - 1),
    shells: Math.abs(widthA / a.resolutionA - widthA / b.resolutionA),
  };
  const verdicts = Object.fromEntries(Object.entries(LIMITS).map(([key, limit]) => [key, found[key] <= limit]));
  console.log(name);
  for (const [key, value] of Object.entries(found)) {
    const verdict = key in LIMITS ? `limit ${LIMITS[key]}  ${verdicts[key] ? "passes" : "FAILS"}` : "";
    console.log(`  ${key.padEnd(14)} ${value.toFixed(4)}  ${verdict}`);
  }
  console.log(
    `  resolution     ${a.resolutionA.toFixed(2)} Å, RELION ${b.resolutionA.toFixed(2)} Å; randomised from ${a.randomiseFromA.toFixed(1)} and ${b.randomiseFromA.toFixed(1)} Å\n` +
      `  B-factor       ${a.bFactorA2.toFixed(1)} Å², RELION ${b.bFactorA2.toFixed(1)} Å² (${fitFromA} to ${guinierFit.toA.toFixed(2)} Å)`,
  );
  return { name, command, seconds: first.seconds, relionSeconds, found, verdicts, ours: a, theirs: b };
}

try {
  const cases = [];
  for (const input of [await ribosomeCase(), await phantomCase()]) cases.push(await measure(input));
  console.log(
    writeResult("postprocess-vs-relion", {
      relion: firstLine("relion_postprocess", ["--version"]),
      limits: LIMITS,
      cases,
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
