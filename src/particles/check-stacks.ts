import { DataError } from "../core/errors.ts";
import { ProblemList } from "../core/problems.ts";
import { type MrcStack, openStack } from "../io/mrc/stack.ts";
import type { ImageSourceOptions } from "./image-source.ts";
import { locateStack, stackCandidates } from "./stack-paths.ts";
import type { ParticleTable } from "./table.ts";

/** Headers round cell edges, users round pixel sizes. */
const PIXEL_SIZE_TOLERANCE = 0.01;
/** The pixel size that programs write when they know none. */
const UNSTATED_PIXEL_SIZE_A = 1;

/** A stack that has been found and checked. */
export interface StackRecord {
  readonly path: string;
  readonly sliceBytes: number;
  readonly decodeInto: MrcStack["decodeInto"];
}

export interface CheckedStacks {
  /** [optics groups] */
  readonly groupBoxPx: readonly number[];
  /** One per table.stackPaths; undefined for a stack that no particle uses. */
  readonly stacks: readonly (StackRecord | undefined)[];
}

/** Finds every stack in use and checks its header against the table. All problems are reported together. */
export function checkStacks(table: ParticleTable, options: ImageSourceOptions): CheckedStacks {
  const problems = new ProblemList(table.where);
  const uses = stackUses(table);
  if (table.opticsGroups.length === 0) throw new DataError(`${table.where}: no optics group.`, { where: table.where });
  const groupBoxPx = new Array<number>(table.opticsGroups.length).fill(0);
  const stacks = table.stackPaths.map((stackPath, index): StackRecord | undefined => {
    const use = uses[index] as StackUse;
    if (use.firstParticle < 0) return undefined;
    const stack = openLocated(stackPath, table, use, options, problems);
    if (stack === undefined) return undefined;
    stack.close();
    for (const group of use.opticsGroups) {
      if (groupBoxPx[group] === 0) groupBoxPx[group] = stack.sizeX;
      checkSize(stack, table, use, group, groupBoxPx[group]!, problems);
    }
    checkHeader(stack, table, use, options, problems);
    return { path: stack.name, sliceBytes: stack.sliceBytes, decodeInto: stack.decodeInto };
  });
  problems.throwIfAny();
  return { groupBoxPx, stacks };
}

interface StackUse {
  firstParticle: number;
  /** The particle with the largest slice number. */
  lastSliceParticle: number;
  readonly opticsGroups: Set<number>;
}

function stackUses(table: ParticleTable): StackUse[] {
  const uses = table.stackPaths.map(
    (): StackUse => ({ firstParticle: -1, lastSliceParticle: -1, opticsGroups: new Set() }),
  );
  for (let particle = 0; particle < table.count; particle++) {
    const use = uses[table.imageStack[particle] as number] as StackUse;
    use.opticsGroups.add(table.opticsGroup[particle] as number);
    if (use.firstParticle < 0) {
      use.firstParticle = particle;
      use.lastSliceParticle = particle;
    } else if ((table.imageSlice[particle] as number) > (table.imageSlice[use.lastSliceParticle] as number)) {
      use.lastSliceParticle = particle;
    }
  }
  return uses;
}

function openLocated(
  stackPath: string,
  table: ParticleTable,
  use: StackUse,
  options: ImageSourceOptions,
  problems: ProblemList,
): MrcStack | undefined {
  const path = locateStack(stackPath, options);
  if (path === undefined) {
    problems.add(() => {
      const tried = stackCandidates(stackPath, options).slice(0, 4).join(", ");
      return (
        `${table.placeOf(use.firstParticle)}: the stack ${stackPath} does not exist (tried ${tried}, …). ` +
        "Give the folder that image names start from (--particle-root)."
      );
    });
    return undefined;
  }
  try {
    return openStack(options.files.open(path));
  } catch (thrown) {
    if (!(thrown instanceof DataError)) throw thrown;
    problems.add(() => thrown.message);
    return undefined;
  }
}

/** Square images of one box in an optics group, the box that the metadata state. */
function checkSize(
  stack: MrcStack,
  table: ParticleTable,
  use: StackUse,
  groupIndex: number,
  boxPx: number,
  problems: ProblemList,
): void {
  const { name, sizeX, sizeY } = stack;
  const group = table.opticsGroups[groupIndex];
  if (sizeX !== sizeY) {
    problems.add(() => `${name}: expected square images, got ${sizeX} × ${sizeY}.`);
  } else if (sizeX !== boxPx) {
    problems.add(
      () =>
        `${name}: expected images of ${boxPx} px as in the other stacks, got ${sizeX} px (optics group ${group?.name}).`,
    );
  } else if (group !== undefined && group.boxPx > 0 && group.boxPx !== sizeX) {
    problems.add(
      () =>
        `${table.placeOf(use.firstParticle)}: box mismatch: the metadata say rlnImageSize ${group.boxPx}, the images of ${name} have ${sizeX} px.`,
    );
  }
}

function checkHeader(
  stack: MrcStack,
  table: ParticleTable,
  use: StackUse,
  options: ImageSourceOptions,
  problems: ProblemList,
): void {
  const place = (): string => table.placeOf(use.firstParticle);
  const { name, sizeX, count } = stack;
  const group = table.opticsGroups[table.opticsGroup[use.firstParticle] as number];
  if (sizeX % 2 === 1 && options.allowOddBox !== true) {
    problems.add(() => `${name}: expected a box of an even number of pixels, got ${sizeX}. Crop or pad by one pixel.`);
  }
  const lastSlice = table.imageSlice[use.lastSliceParticle] as number;
  if (lastSlice >= count) {
    problems.add(
      () => `${table.placeOf(use.lastSliceParticle)}: image ${lastSlice + 1} of ${name}, which has ${count} images.`,
    );
  }
  const headerSizeA = stack.pixelSizeA;
  const isStated = headerSizeA > 0 && headerSizeA !== UNSTATED_PIXEL_SIZE_A;
  if (group === undefined || !isStated || options.pixelSizeConflict === "accept") return;
  if (Math.abs(headerSizeA - group.pixelSizeA) > PIXEL_SIZE_TOLERANCE * group.pixelSizeA) {
    problems.add(
      () =>
        `${place()}: pixel size mismatch: the metadata say ${group.pixelSizeA} Å, the header of ${name} ` +
        `${headerSizeA.toFixed(4)} Å. Correct the wrong one.`,
    );
  }
}
