import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeStarText } from "./make-particles.ts";
import { writeBlob } from "./tiny-data-set.ts";

export interface MadeRun {
  readonly folder: string;
  path(name: string): string;
  remove(): void;
}

export interface MadeRunOptions {
  readonly isFinished?: boolean;
  /** Text that stands wherever a name from a file can. */
  readonly name?: string;
  readonly count?: number;
}

const BOX = 16;
const SHELLS = BOX / 2 + 1;

/** The files of a run, written by hand: what a report and a description read. Their numbers are simple, not science. */
export function makeRunFolder(options: MadeRunOptions = {}): MadeRun {
  const { isFinished = true, name = "mic", count = 40 } = options;
  const folder = mkdtempSync(join(tmpdir(), "vitreous-report-"));
  const path = (file: string) => join(folder, file);
  const start = isFinished ? "run" : "run_it002";
  writeFileSync(path("run.json"), JSON.stringify(record(folder, name, count)));
  writeFileSync(path(`${start}_model.star`), modelText());
  writeFileSync(path(`${start}_data.star`), particleText(count, name));
  writeFileSync(path("events.jsonl"), events(name, isFinished));
  if (isFinished) {
    writeFileSync(path("run_fsc.json"), JSON.stringify(curves(name)));
    writeBlob(path("run_class001.mrc"), BOX, 4);
    writeFileSync(
      path("rejected.star"),
      makeStarText([], [{ rlnImageName: "1@x.mrcs", vitRejectionReason: "constant" }]),
    );
  } else {
    for (const half of [1, 2]) writeBlob(path(`${start}_half${half}_class001.mrc`), BOX, 4);
  }
  mkdirSync(path("checkpoint"));
  return { folder, path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function record(folder: string, name: string, count: number) {
  return {
    program: "vitreous",
    version: "0.1.0",
    started: "2026-11-23T00:00:00.000Z",
    options: {
      particles: `/data/${name}.star`,
      reference: "/data/init.mrc",
      out: folder,
      symmetry: "C2",
      seed: 7,
      keepCells: 256,
    },
    device: { kind: "cpu", description: `cpu ${name}`, isa: "avx2", threads: 2 },
    machine: { hostName: name, processor: "x", threads: 2, memoryBytes: 1, freeMemoryBytes: 1, node: "v20" },
    data: { particleCount: count, boxPx: BOX, pixelSizeA: 4 },
  };
}

const shells = Array.from({ length: SHELLS }, (_, shell) => shell);
/** 1 at shell 0, falling through 0.143 between shells 6 and 7. */
const fsc = shells.map((shell) => 1 / (1 + (shell / 5) ** 10 / 1));

function curves(name: string) {
  return {
    boxPx: BOX,
    pixelSizeA: 4,
    threshold: 0.143,
    mask: `a mask named ${name}`,
    randomisedBeyondShell: 4,
    shells: shells.map((shell) => ({
      shell,
      unmasked: fsc[shell]! * 0.9,
      masked: fsc[shell],
      randomised: shell > 4 ? 0 : fsc[shell],
      corrected: fsc[shell],
    })),
  };
}

function modelText(): string {
  const pairs = "_rlnOriginalImageSize 16\n_rlnPixelSize 4.0\n_rlnCurrentResolution 10.0\n";
  const classRows = shells.map((shell) => `${shell} ${fsc[shell]!.toFixed(6)}`).join("\n");
  const noiseRows = shells.map((shell) => `${shell} ${1 + 0.01 * shell} ${1.02 + 0.01 * shell}`).join("\n");
  return [
    `data_model_general\n\n${pairs}`,
    `data_model_class_1\n\nloop_\n_rlnSpectralIndex #1\n_rlnGoldStandardFsc #2\n${classRows}\n`,
    `data_model_optics_group_1\n\nloop_\n_rlnSpectralIndex #1\n_rlnSigma2Noise #2\n_vitSigma2NoiseHalf2 #3\n${noiseRows}\n`,
    "data_vit_rounds\n\nloop_\n_vitRound #1\n_vitStage #2\n_vitRadiusShell #3\n_vitResolutionFsc05 #4\n" +
      "_vitResolutionFsc0143 #5\n_vitMovedDeg #6\n_vitGoodShare #7\n1 global 3 20 16 80 0.9\n2 local 5 14 10 0.5 0.95\n",
  ].join("\n");
}

function particleText(count: number, name: string): string {
  const rows = Array.from({ length: count }, (_, i) => ({
    rlnImageName: `${i + 1}@stack.mrcs`,
    rlnMicrographName: `"${name} ${i % 4}"`,
    rlnDefocusU: 10000 + 100 * i,
    rlnDefocusV: 10000 + 100 * i,
    rlnAngleRot: (i * 137.5) % 360,
    rlnAngleTilt: (180 * Math.acos(1 - (2 * i + 1) / count)) / Math.PI,
    rlnAnglePsi: i,
    rlnOriginXAngst: Math.cos(i),
    rlnOriginYAngst: Math.sin(i),
    rlnRandomSubset: 1 + (i % 2),
    rlnLogLikeliContribution: 10 + i,
    rlnMaxValueProbDistribution: 0.1,
    vitGoodProbability: i % 4 === 3 ? 0.1 : 0.99,
  }));
  return makeStarText([{ rlnOpticsGroup: 1, rlnImagePixelSize: 4 }], rows);
}

function events(name: string, isFinished: boolean): string {
  const line = (event: string, fields: object) =>
    JSON.stringify({ time: "2026-11-23T00:00:00.000Z", event, ...fields });
  const lines = [
    line("round.done", { round: 1, shiftMovedA: 3, meanRotationSdDeg: 5, elapsedMs: 61_000, resolution0143A: 16 }),
    line("warning", { message: `look at ${name}` }),
    line("round.done", { round: 2, shiftMovedA: 0.1, meanRotationSdDeg: 1, elapsedMs: 59_000, resolution0143A: 10 }),
    ...(isFinished ? [line("run.done", { reason: `no gain, ${name}`, resolutionA: 9.8 })] : []),
    '{"event":"round.do',
  ];
  return lines.join("\n");
}
