import { DataError } from "../core/errors.ts";
import { type MrcStack, openStack } from "../io/mrc/stack.ts";
import { locateStack, type StackLocations, stackCandidates } from "../particles/stack-paths.ts";
import type { ProblemGroups, ProblemKind } from "./problem-groups.ts";
import type { SetColumns } from "./set-columns.ts";

/** Headers round cell edges, users round pixel sizes. */
const PIXEL_SIZE_TOLERANCE = 0.01;
/** The pixel size that programs write when they know none. */
const UNSTATED_PIXEL_SIZE_A = 1;

const error = (code: string, what: string, remedy: string): ProblemKind => ({ code, severity: "error", what, remedy });

const MISSING = error(
  "file-missing",
  "a stack of images does not exist",
  "Give the folder that image names start from: --particle-root.",
);
const DAMAGED = error("file-damaged", "a stack cannot be read", "Copy it again, or extract its particles again.");
const BEYOND = error(
  "image-beyond-stack",
  "a row names an image beyond the end of its stack",
  "The stack is not the one this file was written with: extract the particles again, or remove these rows.",
);
const SHAPE = error(
  "image-shape",
  "images are not square, or not all of one size in an optics group",
  "Extract the particles of a group with one square box.",
);
const ODD = error("box-odd", "the box has an odd number of pixels", "Extract with an even box.");
const BOX = error("box-mismatch", "rlnImageSize is not the size of the images", "Correct rlnImageSize in data_optics.");
const PIXEL = error(
  "pixel-size-mismatch",
  "the pixel size of the metadata is not that of the stack's header",
  "Correct the wrong one; the metadata's is what a refinement uses.",
);
const NO_PIXEL: ProblemKind = {
  code: "pixel-size-header",
  severity: "warning",
  what: "stacks state no pixel size (0 or exactly 1 Å)",
  remedy: "Nothing to do: the metadata's pixel size is used.",
};

/** A stack that is there and sound. */
export interface FoundStack {
  readonly path: string;
  readonly boxPx: number;
  readonly count: number;
  readonly sliceBytes: number;
}

/** Every stack of the set: there, readable, long enough, of one shape in a group. [stackPaths] undefined where it cannot be used. */
export function checkFiles(
  set: SetColumns,
  locations: StackLocations,
  found: ProblemGroups,
): (FoundStack | undefined)[] {
  const last = lastRows(set);
  const groupBoxPx = new Map<number, number>();
  return set.stackPaths.map((stackPath, index): FoundStack | undefined => {
    const row = last[index]!;
    if (row < 0) return undefined;
    const stack = open(stackPath, set, row, locations, found);
    if (stack === undefined) return undefined;
    stack.close();
    const group = set.opticsOf[row]!;
    if (!groupBoxPx.has(group)) groupBoxPx.set(group, stack.sizeX);
    checkStack(stack, set, row, groupBoxPx.get(group)!, found);
    return { path: stack.name, boxPx: stack.sizeX, count: stack.count, sliceBytes: stack.sliceBytes };
  });
}

/** The row with the largest slice of each stack, −1 for a stack without rows. */
function lastRows(set: SetColumns): Int32Array {
  const last = new Int32Array(set.stackPaths.length).fill(-1);
  for (let row = 0; row < set.count; row++) {
    const stack = set.imageStack[row]!;
    const best = last[stack]!;
    if (best < 0 || set.imageSlice[row]! > set.imageSlice[best]!) last[stack] = row;
  }
  return last;
}

function open(
  stackPath: string,
  set: SetColumns,
  row: number,
  locations: StackLocations,
  found: ProblemGroups,
): MrcStack | undefined {
  const path = locateStack(stackPath, locations);
  if (path === undefined) {
    found.add(MISSING, () => {
      const [first] = stackCandidates(stackPath, locations);
      return `${set.placeOf(row)}: ${stackPath} (looked for ${first} and in the folders above).`;
    });
    return undefined;
  }
  const file = locations.files.open(path);
  try {
    return openStack(file);
  } catch (thrown) {
    file.close();
    if (!(thrown instanceof DataError)) throw thrown;
    found.add(DAMAGED, () => thrown.message);
    return undefined;
  }
}

function checkStack(stack: MrcStack, set: SetColumns, row: number, boxPx: number, found: ProblemGroups): void {
  const { name, sizeX, sizeY, count, pixelSizeA } = stack;
  const group = set.optics[set.opticsOf[row]!];
  if (set.imageSlice[row]! >= count) {
    found.add(BEYOND, () => `${set.placeOf(row)}: image ${set.imageSlice[row]! + 1} of ${name}, which has ${count}.`);
  }
  if (sizeX !== sizeY) found.add(SHAPE, () => `${name}: ${sizeX} × ${sizeY} px.`);
  else if (sizeX !== boxPx)
    found.add(SHAPE, () => `${name}: ${sizeX} px, the first stack of its optics group ${boxPx} px.`);
  if (sizeX % 2 === 1) found.add(ODD, () => `${name}: ${sizeX} px.`);
  if (group?.boxPx && group.boxPx !== sizeX) {
    found.add(BOX, () => `${group.place}: rlnImageSize ${group.boxPx}, the images of ${name} have ${sizeX} px.`);
  }
  if (!(pixelSizeA > 0) || pixelSizeA === UNSTATED_PIXEL_SIZE_A) {
    if (group?.pixelSizeA !== UNSTATED_PIXEL_SIZE_A) found.add(NO_PIXEL, () => `${name}: ${pixelSizeA} Å.`);
  } else if (group?.pixelSizeA && Math.abs(pixelSizeA - group.pixelSizeA) > PIXEL_SIZE_TOLERANCE * group.pixelSizeA) {
    found.add(PIXEL, () => `${group.place}: ${group.pixelSizeA} Å, the header of ${name} ${pixelSizeA.toFixed(4)} Å.`);
  }
}
