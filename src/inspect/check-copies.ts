import { DataError } from "../core/errors.ts";
import { ProblemList } from "../core/problems.ts";
import { checkDuplicates } from "../particles/duplicates.ts";
import type { ProblemGroups } from "./problem-groups.ts";
import type { SetColumns } from "./set-columns.ts";

/** Picks of one micrograph nearer than this share of the box show the same particle. */
const SAME_PLACE = 0.1;

/** Images named more than once, and particles picked twice. Returns rows that repeat an earlier image. */
export function checkCopies(set: SetColumns, found: ProblemGroups): number {
  const halves = set.numbers("rlnRandomSubset");
  const subset = halves === undefined ? new Uint8Array(set.count) : Uint8Array.from(halves);
  const problems = new ProblemList(set.where);
  const copies = checkDuplicates(set, subset, (row) => set.placeOf(row), problems);
  if (problems.count > 0) {
    found.add(
      {
        code: "copy-in-both-halves",
        severity: "error",
        what: "one image stands in both half-sets: the halves are not independent, and the resolution would be too good",
        remedy: "Remove the copies (vitreous select --distinct) or the column rlnRandomSubset.",
      },
      () => firstOf(problems),
      problems.count,
    );
  } else if (copies > 0) {
    found.add(
      {
        code: "copies",
        severity: "warning",
        what: "rows repeat the image of an earlier row",
        remedy: "Right after symmetry expansion; otherwise remove them: vitreous select --distinct.",
      },
      undefined,
      copies,
    );
  }
  checkNeighbours(set, found);
  return copies;
}

function firstOf(problems: ProblemList): string {
  try {
    problems.throwIfAny();
  } catch (thrown) {
    if (!(thrown instanceof DataError)) throw thrown;
    const shown = thrown.fields["problems"];
    return Array.isArray(shown) ? String(shown[0]) : thrown.message;
  }
  return "";
}

/** Sweeps each micrograph from left to right: every pair nearer than the limit, once per later particle. */
function checkNeighbours(set: SetColumns, found: ProblemGroups): void {
  const x = set.numbers("rlnCoordinateX");
  const y = set.numbers("rlnCoordinateY");
  const { micrographs } = set;
  if (x === undefined || y === undefined || micrographs === undefined) return;
  const limit = neighbourLimitPx(set);
  if (limit === undefined) return;
  const { order, start } = rowsByMicrograph(micrographs.index, micrographs.names.length);
  for (let m = 0; m < micrographs.names.length; m++) {
    const rows = order.subarray(start[m]!, start[m + 1]!).sort((a, b) => x[a]! - x[b]!);
    for (let i = 1; i < rows.length; i++) {
      const row = rows[i]!;
      for (let j = i - 1; j >= 0 && x[row]! - x[rows[j]!]! < limit; j--) {
        const other = rows[j]!;
        const distance = Math.hypot(x[row]! - x[other]!, y[row]! - y[other]!);
        if (!(distance < limit) || isSameImage(set, row, other)) continue;
        found.add(
          {
            code: "picked-twice",
            severity: "warning",
            what: "two picks of a micrograph lie so close that they show the same particle",
            remedy:
              "Remove one of each pair (remove duplicates in the program that picked them); in different half-sets they spoil the FSC.",
          },
          () =>
            `${set.placeOf(row)} and ${set.placeOf(other)}: ${distance.toFixed(1)} px apart on ${micrographs.names[m]}.`,
        );
        break;
      }
    }
  }
}

function isSameImage(set: SetColumns, a: number, b: number): boolean {
  return set.imageStack[a] === set.imageStack[b] && set.imageSlice[a] === set.imageSlice[b];
}

/** Pixels of the micrograph; undefined when neither box nor pixel size is stated. */
function neighbourLimitPx(set: SetColumns): number | undefined {
  const { boxPx, pixelSizeA } = set.optics[0] ?? {};
  if (!boxPx || !pixelSizeA) return undefined;
  const micrographPixel =
    set.numbers("rlnMicrographPixelSize")?.[0] ?? set.numbers("rlnMicrographOriginalPixelSize")?.[0];
  return (SAME_PLACE * boxPx * pixelSizeA) / (micrographPixel ?? pixelSizeA);
}

/** Counting sort of the rows by micrograph. */
function rowsByMicrograph(index: Int32Array, count: number): { order: Int32Array; start: Int32Array } {
  const start = new Int32Array(count + 1);
  for (const m of index) start[m + 1]!++;
  for (let m = 0; m < count; m++) start[m + 1]! += start[m]!;
  const next = start.slice();
  const order = new Int32Array(index.length);
  for (let row = 0; row < index.length; row++) order[next[index[row]!]!++] = row;
  return { order, start };
}
