import { DataError } from "../core/errors.ts";
import { pointGroup } from "../geometry/point-group.ts";
import { shellToResolutionA } from "../geometry/shells.ts";
import { readStarFile } from "../io/node/star-file.ts";
import { expectBlock, findBlock, type StarDocument } from "../io/star/document.ts";
import { resolutionAt } from "../map/resolution.ts";
import { particleNumbers, worstMicrographs } from "./collect-particles.ts";
import { type RunFiles, readEvents, readJson } from "./run-files.ts";
import type {
  FscNumbers,
  NoiseNumbers,
  PostprocessNumbers,
  ResolutionNumbers,
  RoundNumbers,
  RunNumbers,
} from "./run-numbers.ts";

type Json = Readonly<Record<string, unknown>>;

/** Reads everything a report shows out of a run's files. */
export function collectRun(files: RunFiles): RunNumbers {
  const record = readJson(files.record);
  const options = asRecord(record["options"], files.record, "options");
  const data = asRecord(record["data"], files.record, "data");
  const boxPx = asNumber(data["boxPx"], files.record, "boxPx");
  const pixelSizeA = asNumber(data["pixelSizeA"], files.record, "pixelSizeA");
  const model = readStarFile(files.model);
  const events = files.events === null ? [] : readEvents(files.events);
  const curves = files.fsc === null ? null : readJson(files.fsc);
  const fsc = fscNumbers(curves, model);
  const rounds = roundNumbers(model, events, boxPx * pixelSizeA);
  const particles = particleTableOf(readStarFile(files.particles));
  const done = events.filter((event) => event["event"] === "run.done").at(-1);
  const symmetry = pointGroup(String(options["symmetry"] ?? "C1"));
  return {
    format: "vitreous-report-1",
    version: String(record["version"]),
    folder: files.folder,
    started: String(record["started"]),
    isFinished: files.isFinished,
    reason: typeof done?.["reason"] === "string" ? done["reason"] : null,
    symmetry: symmetry.name,
    particleCount: particles.rowCount,
    boxPx,
    pixelSizeA,
    elapsedMs: rounds.reduce((sum, round) => sum + (round.elapsedMs ?? 0), 0),
    resolution: curves === null ? null : resolutionNumbers(curves, fsc, boxPx, pixelSizeA),
    fsc,
    rounds,
    noise: noiseNumbers(model),
    particles: particleNumbers(particles, symmetry),
    micrographs: worstMicrographs(particles),
    rejected: files.rejected === null ? [] : rejectedCounts(readStarFile(files.rejected)),
    warnings: events.filter((event) => event["event"] === "warning").map((event) => String(event["message"])),
    device: String(asRecord(record["device"], files.record, "device")["description"]),
    hostName: String(asRecord(record["machine"], files.record, "machine")["hostName"]),
    options,
    postprocess: files.postprocess === null ? null : postprocessNumbers(files.postprocess),
  };
}

function postprocessNumbers(path: string): PostprocessNumbers {
  const record = readJson(path);
  const within = (name: string): Json => {
    const value = record[name];
    return typeof value === "object" && value !== null ? (value as Json) : {};
  };
  const number = (value: unknown): number | null => (typeof value === "number" ? value : null);
  return {
    path,
    resolutionA: number(within("resolution")["resolutionA"]),
    mask: typeof record["mask"] === "string" ? record["mask"] : null,
    bFactorA2: number(record["bFactorA2"]),
    areaRatio: number(within("anisotropy")["areaRatio"]),
    finestA: number(within("anisotropy")["finestA"]),
    coarsestA: number(within("anisotropy")["coarsestA"]),
    localMedianA: number(within("local")["medianA"]),
    samplingCompensation: number(within("orientations")["samplingCompensation"]),
    modelResolutionA: number(within("model")["resolutionA"]),
  };
}

function particleTableOf(document: StarDocument) {
  const block = document.blocks.find(({ table }) => table.has("rlnImageName"));
  if (block === undefined) throw new DataError(`${document.where}: no particle table. Restore the file.`);
  return block.table;
}

function resolutionNumbers(curves: Json, fsc: FscNumbers, boxPx: number, pixelSizeA: number): ResolutionNumbers | null {
  if (fsc.corrected === null) return null;
  const threshold = typeof curves["threshold"] === "number" ? curves["threshold"] : 0.143;
  const randomisedShell = typeof curves["randomisedBeyondShell"] === "number" ? curves["randomisedBeyondShell"] : 0;
  return {
    threshold,
    resolutionA: resolutionAt(fsc.corrected, threshold, boxPx, pixelSizeA).resolutionA,
    unmaskedResolutionA: resolutionAt(fsc.unmasked, threshold, boxPx, pixelSizeA).resolutionA,
    mask: String(curves["mask"] ?? "not stated"),
    randomisedBeyondA: shellToResolutionA(Math.max(randomisedShell, 1), boxPx, pixelSizeA),
  };
}

function fscNumbers(curves: Json | null, model: StarDocument): FscNumbers {
  if (curves !== null && Array.isArray(curves["shells"])) {
    const shells = curves["shells"] as readonly Json[];
    const curve = (name: string): number[] => shells.map((shell) => Number(shell[name]));
    return {
      unmasked: curve("unmasked"),
      masked: curve("masked"),
      randomised: curve("randomised"),
      corrected: curve("corrected"),
    };
  }
  const unmasked = Array.from(expectBlock(model, "model_class_1").table.numbers("rlnGoldStandardFsc"));
  return { unmasked, masked: null, randomised: null, corrected: null };
}

/** The log knows more of a round than the model file; where there is no log, the model's columns. */
function roundNumbers(model: StarDocument, events: readonly Json[], boxA: number): RoundNumbers[] {
  const table = findBlock(model, "vit_rounds")?.table;
  if (table === undefined) return [];
  // A resumed run says some rounds twice: the last word counts.
  const told = new Map(
    events.filter((event) => event["event"] === "round.done").map((event) => [event["round"], event]),
  );
  const column = (label: string): Float64Array => table.numbers(label);
  const [round, radius] = [column("vitRound"), column("vitRadiusShell")];
  const [fsc05, fsc0143] = [column("vitResolutionFsc05"), column("vitResolutionFsc0143")];
  const [moved, good] = [column("vitMovedDeg"), column("vitGoodShare")];
  return Array.from(round, (number, i): RoundNumbers => {
    const event = told.get(number);
    const value = (name: string): number | null => (typeof event?.[name] === "number" ? event[name] : null);
    return {
      round: number,
      stage: table.text("vitStage", i),
      resolutionInUseA: radius[i]! > 0 ? boxA / radius[i]! : null,
      resolution05A: fsc05[i]!,
      resolution0143A: fsc0143[i]!,
      movedDeg: moved[i]!,
      shiftMovedA: value("shiftMovedA"),
      rotationSdDeg: value("meanRotationSdDeg"),
      goodShare: good[i]!,
      elapsedMs: value("elapsedMs"),
    };
  });
}

function noiseNumbers(model: StarDocument): NoiseNumbers[] {
  return model.blocks.flatMap(({ name, table }): NoiseNumbers[] => {
    if (!name.startsWith("model_optics_group_") || !table.has("rlnSigma2Noise")) return [];
    const second = table.has("vitSigma2NoiseHalf2") ? "vitSigma2NoiseHalf2" : "rlnSigma2Noise";
    return [
      {
        group: name.replace("model_optics_group_", ""),
        half1: Array.from(table.numbers("rlnSigma2Noise")),
        half2: Array.from(table.numbers(second)),
      },
    ];
  });
}

function rejectedCounts(document: StarDocument): { reason: string; count: number }[] {
  const table = document.blocks.find((block) => block.table.has("vitRejectionReason"))?.table;
  const counts = new Map<string, number>();
  for (const reason of table?.texts("vitRejectionReason") ?? []) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ reason, count }));
}

function asRecord(value: unknown, where: string, name: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new DataError(`${where}: expected an object under ${name}, got ${JSON.stringify(value)}. Restore the file.`);
}

function asNumber(value: unknown, where: string, name: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new DataError(`${where}: expected a number under ${name}, got ${JSON.stringify(value)}. Restore the file.`);
}
