import { throwIfAborted } from "../core/errors.ts";
import type { EventLog } from "../core/events.ts";
import type { FileAccess } from "../io/bytes.ts";
import { openStack } from "../io/mrc/stack.ts";
import { medianAndDeviation } from "../map/statistics.ts";
import { imageFault } from "../particles/image-fault.ts";
import { StackPool } from "../particles/stack-pool.ts";
import type { FoundStack } from "./check-files.ts";
import type { ProblemGroups, ProblemKind } from "./problem-groups.ts";
import type { SetColumns } from "./set-columns.ts";

/** Robust standard deviations from the set's own median. */
const OUTLIER = 8;
/** Fewer images say nothing of outliers or contrast. */
const FEWEST = 20;
/** Background noise of one image against another, beyond which images were surely not normalised. */
const UNEVEN = 3;
/** Mean brightness of the middle over the surround, in standard deviations of that mean over the images. */
const DARK = 5;

/** What was measured on the images that were read. */
export interface ImageFigures {
  readonly readCount: number;
  readonly backgroundMean: number;
  readonly backgroundDeviation: number;
  /** Mean of the middle minus mean of the surround, in units of the background's standard deviation. */
  readonly contrast: number;
}

/** Reads images spread evenly over the set and measures each. */
export function checkImages(
  set: SetColumns,
  stacks: readonly (FoundStack | undefined)[],
  count: number,
  files: FileAccess,
  found: ProblemGroups,
  { signal, log }: { readonly signal: AbortSignal; readonly log: EventLog },
): ImageFigures | undefined {
  const rows = sampledRows(set, stacks, count);
  if (rows.length === 0) return undefined;
  const pool = new StackPool((path) => openStack(files.open(path)));
  const means: number[] = [];
  const deviations: number[] = [];
  const contrasts: number[] = [];
  const measured: number[] = [];
  let pixels = new Float32Array(0);
  try {
    for (const [i, row] of rows.entries()) {
      if (i % 256 === 0) {
        throwIfAborted(signal, "reading the images");
        log.event("validate.images", { done: i, total: rows.length });
      }
      const { path, boxPx } = stacks[set.imageStack[row]!]!;
      const stack = pool.stack(path);
      if (pixels.length !== boxPx * stack.sizeY) pixels = new Float32Array(boxPx * stack.sizeY);
      stack.readSlicesInto(pixels, set.imageSlice[row]!, 1);
      const fault = imageFault(pixels, 0, pixels.length);
      if (fault !== 0) {
        found.add(FAULTS[fault]!, () => `${set.placeOf(row)}: image ${set.imageSlice[row]! + 1} of ${path}.`);
        continue;
      }
      const { mean, deviation, contrast } = measureImage(pixels, boxPx);
      means.push(mean);
      deviations.push(deviation);
      contrasts.push(contrast);
      measured.push(row);
    }
  } finally {
    pool.close();
  }
  judge(set, measured, means, deviations, contrasts, found);
  return {
    readCount: rows.length,
    backgroundMean: medianAndDeviation(means).median,
    backgroundDeviation: medianAndDeviation(deviations).median,
    contrast: medianAndDeviation(contrasts).median,
  };
}

const FAULTS: Readonly<Record<number, ProblemKind>> = {
  1: {
    code: "image-not-finite",
    severity: "warning",
    what: "an image holds values that are not finite numbers",
    remedy: "Refinement leaves it out (rejected.star); extract it again to keep it.",
  },
  2: {
    code: "image-constant",
    severity: "warning",
    what: "an image is constant",
    remedy: "Refinement leaves it out (rejected.star); it was probably picked at the edge of the micrograph.",
  },
};

/** Rows whose image can be read, `count` of them at even distances. */
function sampledRows(set: SetColumns, stacks: readonly (FoundStack | undefined)[], count: number): number[] {
  const take = Math.min(count, set.count);
  const rows: number[] = [];
  for (let i = 0; i < take; i++) {
    const row = Math.floor((i * set.count) / take);
    const stack = stacks[set.imageStack[row]!];
    if (stack !== undefined && set.imageSlice[row]! < stack.count) rows.push(row);
  }
  return rows;
}

/** Background beyond 0.45 of the box, middle within a quarter of it. */
function measureImage(pixels: Float32Array, boxPx: number): { mean: number; deviation: number; contrast: number } {
  const centre = Math.floor(boxPx / 2);
  const outer = (0.45 * boxPx) ** 2;
  const inner = (0.25 * boxPx) ** 2;
  let [sum, squares, count, middle, middleCount] = [0, 0, 0, 0, 0];
  for (let i = 0; i < pixels.length; i++) {
    const square = ((i % boxPx) - centre) ** 2 + (Math.floor(i / boxPx) - centre) ** 2;
    const value = pixels[i]!;
    if (square > outer) {
      sum += value;
      squares += value * value;
      count++;
    } else if (square < inner) {
      middle += value;
      middleCount++;
    }
  }
  const mean = sum / Math.max(1, count);
  const deviation = Math.sqrt(Math.max(0, squares / Math.max(1, count) - mean * mean));
  return { mean, deviation, contrast: deviation > 0 ? (middle / Math.max(1, middleCount) - mean) / deviation : 0 };
}

function judge(
  set: SetColumns,
  rows: readonly number[],
  means: readonly number[],
  deviations: readonly number[],
  contrasts: readonly number[],
  found: ProblemGroups,
): void {
  if (rows.length < FEWEST) return;
  const centre = medianAndDeviation(contrasts);
  const error = centre.deviation / Math.sqrt(contrasts.length);
  if (centre.median < -DARK * error && centre.median < 0) {
    found.add(
      {
        code: "contrast-inverted",
        severity: "warning",
        what: "the particles look darker than their surround",
        remedy: "Refinement needs bright particles: extract them with inverted contrast.",
      },
      () =>
        `${set.where}: the middle of the images lies ${(-centre.median).toFixed(2)} standard deviations below their edge.`,
    );
  }
  const logs = deviations.map((value) => Math.log(value));
  const spread = medianAndDeviation(logs);
  if (Math.exp(spread.deviation) > UNEVEN) {
    found.add(
      {
        code: "not-normalised",
        severity: "warning",
        what: "the noise of the images differs widely in strength",
        remedy: "Normalise them at extraction (background mean 0, standard deviation 1).",
      },
      () => `${set.where}: backgrounds differ by a typical factor of ${Math.exp(spread.deviation).toFixed(1)}.`,
    );
  }
  const level = medianAndDeviation(means);
  const kind: ProblemKind = {
    code: "image-outlier",
    severity: "warning",
    what: "an image's background is far from that of the others",
    remedy: "Look at it: an edge, a hole's rim or a bad exposure. Leave it out with vitreous select --list … --invert.",
  };
  rows.forEach((row, i) => {
    const strength = Math.abs(logs[i]! - spread.median) / spread.deviation;
    const height = Math.abs(means[i]! - level.median) / level.deviation;
    const isOutlier =
      (spread.deviation > 1e-6 && strength > OUTLIER) ||
      (level.deviation > 1e-6 * Math.exp(spread.median) && height > OUTLIER);
    if (!isOutlier) return;
    found.add(
      kind,
      () =>
        `${set.placeOf(row)}: mean ${means[i]!.toPrecision(3)}, standard deviation ${deviations[i]!.toPrecision(3)} (typical ${level.median.toPrecision(3)} and ${Math.exp(spread.median).toPrecision(3)}).`,
    );
  });
}
