import { type PointGroup, pointGroup } from "../geometry/point-group.ts";
import {
  angleBetweenRad,
  conjugateInto,
  fromRotationVectorInto,
  multiplyInto,
  normaliseInto,
  quaternionToMatrixInto,
} from "../geometry/quaternion.ts";
import { crossOf, type Direction, dotOf, type FoundAxis, normalised } from "./find-axes.ts";
import type { RotationalCorrelation } from "./rotational-correlation.ts";

/** How well one point group describes a map. */
export interface GroupFit {
  readonly group: string;
  readonly order: number;
  /** Least and mean correlation over the operators. */
  readonly least: number;
  readonly mean: number;
  /** Q, unit quaternion: the group's axes → the map's. Operators of the map are Q g Q⁻¹. */
  readonly rotation: Float64Array;
  /** Centre of the operators, in fields from the sampled map's centre. */
  readonly centre: readonly [number, number, number];
}

const GOLDEN = (1 + Math.sqrt(5)) / 2;
/** Axis of the highest fold of each kind of group in its own setting, and that fold. */
const MAIN_AXES: Readonly<Record<string, readonly [fold: number, axis: Direction]>> = {
  T: [3, [0, 0, 1]],
  O: [4, [0, 0, 1]],
  I1: [5, normalised([0, 1, GOLDEN])],
  I2: [5, normalised([1, 0, GOLDEN])],
  I3: [5, [0, 0, 1]],
  I4: [5, [0, 0, 1]],
};
/** Axes of the main fold that a group is tried on. */
const TRIED_AXES = 3;
const SPIN_STEP_RAD = Math.PI / 90;
const FIRST_STEP_RAD = 0.016;
const LAST_STEP_RAD = 0.0008;
/** Of the field: first and last step of the centre. */
const FIRST_STEP_FIELD = 0.004;

/**
 * The best placement of a group over the axes found; undefined when no axis of its main fold is known.
 *
 * @param worthRefining  mean correlation below which a placement is measured but not refined
 */
export function fitGroup(
  name: string,
  axes: readonly FoundAxis[],
  correlation: RotationalCorrelation,
  worthRefining: number,
): GroupFit | undefined {
  const group = pointGroup(name);
  const [fold, mainAxis] = MAIN_AXES[group.name] ?? [Number(group.name.slice(1)), [0, 0, 1] as const];
  const operators = distinctOperators(group);
  const [first, ...others] = axes.filter((axis) => axis.fold === fold).slice(0, TRIED_AXES);
  if (first === undefined) return undefined;
  const candidates = [first, ...others.filter((axis) => axis.correlation >= worthRefining)];
  // Without its main axis no spin makes a group fit.
  const tried = first.correlation < worthRefining ? [0] : spins(group.name, fold);
  let best: Placement | undefined;
  for (const { axis } of candidates) {
    const onto = shortestArc(mainAxis, axis);
    for (const spinRad of tried) {
      const rotation = spun(onto, axis, spinRad);
      const placement = { rotation, centre: [0, 0, 0] as const };
      const score = meanOver(generatorsFirst(operators), placement, correlation, false);
      if (best === undefined || score > best.score) best = { ...placement, score };
    }
  }
  if (best === undefined) return undefined;
  const refined = best.score < worthRefining ? best : refine(operators, best, correlation);
  const values = valuesOver(operators, refined, correlation, true);
  return {
    group: group.name,
    order: group.order,
    least: Math.min(...values.map(({ value }) => value)),
    mean: weightedMean(values),
    rotation: refined.rotation,
    centre: refined.centre,
  };
}

interface Placement {
  readonly rotation: Float64Array;
  readonly centre: readonly [number, number, number];
  readonly score: number;
}

/** An operator, and how many of the group (it and its inverse) it stands for. */
interface Operator {
  readonly quaternion: Float64Array;
  readonly weight: number;
}

/** Operators but the identity; g and its inverse give the same correlation. */
function distinctOperators(group: PointGroup): Operator[] {
  const operators: Operator[] = [];
  const inverse = new Float64Array(4);
  const isDone = new Uint8Array(group.order);
  for (let g = 1; g < group.order; g++) {
    if (isDone[g] === 1) continue;
    const quaternion = group.quaternions.slice(4 * g, 4 * g + 4);
    conjugateInto(inverse, 0, quaternion, 0);
    let weight = 1;
    for (let h = g + 1; h < group.order; h++) {
      if (isDone[h] === 1 || angleBetweenRad(inverse, 0, group.quaternions, 4 * h) > 1e-6) continue;
      isDone[h] = 1;
      weight = 2;
    }
    operators.push({ quaternion, weight });
  }
  return operators;
}

/** A few operators are enough to find the spin; closures begin with products of the generators. */
function generatorsFirst(operators: readonly Operator[]): readonly Operator[] {
  return operators.slice(0, 5);
}

/** Turns about the main axis that are not symmetries of the group. */
function spins(name: string, fold: number): number[] {
  if (name.startsWith("C")) return [0];
  const range = (2 * Math.PI) / fold;
  return Array.from({ length: Math.ceil(range / SPIN_STEP_RAD) }, (_, i) => i * SPIN_STEP_RAD);
}

function valuesOver(
  operators: readonly Operator[],
  { rotation, centre }: Pick<Placement, "rotation" | "centre">,
  correlation: RotationalCorrelation,
  hasCentre: boolean,
): { value: number; weight: number }[] {
  const matrix = new Float64Array(9);
  return operators.map(({ quaternion, weight }) => {
    operatorMatrixInto(matrix, rotation, quaternion);
    return { value: correlation.at(matrix, 0, hasCentre ? centre : undefined), weight };
  });
}

function weightedMean(values: readonly { value: number; weight: number }[]): number {
  let sum = 0;
  let total = 0;
  for (const { value, weight } of values) {
    sum += weight * value;
    total += weight;
  }
  return sum / total;
}

function meanOver(
  operators: readonly Operator[],
  placement: Pick<Placement, "rotation" | "centre">,
  correlation: RotationalCorrelation,
  hasCentre: boolean,
): number {
  return weightedMean(valuesOver(operators, placement, correlation, hasCentre));
}

/** R(Q g Q⁻¹). */
export function operatorMatrixInto(out: Float64Array, rotation: Float64Array, operator: Float64Array): void {
  const q = new Float64Array(8);
  multiplyInto(q, 0, rotation, 0, operator, 0);
  conjugateInto(q, 4, rotation, 0);
  multiplyInto(q, 0, q, 0, q, 4);
  quaternionToMatrixInto(out, 0, q, 0);
}

/** Climbs in three turns and three shifts of the centre. */
function refine(operators: readonly Operator[], start: Placement, correlation: RotationalCorrelation): Placement {
  // A few operators, generators among them, fix all axes of a group; all operators are measured in the end.
  const used = generatorsFirst(operators);
  const measure = (p: Pick<Placement, "rotation" | "centre">): Placement => ({
    ...p,
    score: meanOver(used, p, correlation, true),
  });
  let best = measure(start);
  for (let scale = 1; scale * FIRST_STEP_RAD > LAST_STEP_RAD; ) {
    let hasMoved = false;
    for (let move = 0; move < 12; move++) {
      const axis = Math.floor(move / 2) % 3;
      const sign = move % 2 === 0 ? 1 : -1;
      const tried =
        move < 6
          ? { rotation: nudged(best.rotation, axis, sign * scale * FIRST_STEP_RAD), centre: best.centre }
          : { rotation: best.rotation, centre: shifted(best.centre, axis, sign * scale * FIRST_STEP_FIELD) };
      const measured = measure(tried);
      // The margin ends the climb on the flat directions of C_n: along its axis and about it.
      if (measured.score <= best.score + 1e-7) continue;
      best = measured;
      hasMoved = true;
    }
    if (!hasMoved) scale /= 2;
  }
  return best;
}

function nudged(rotation: Float64Array, axis: number, angleRad: number): Float64Array {
  const turn = new Float64Array(4);
  fromRotationVectorInto(turn, 0, axis === 0 ? angleRad : 0, axis === 1 ? angleRad : 0, axis === 2 ? angleRad : 0);
  const out = new Float64Array(4);
  multiplyInto(out, 0, turn, 0, rotation, 0);
  normaliseInto(out, 0, out, 0);
  return out;
}

function shifted(centre: readonly [number, number, number], axis: number, by: number): [number, number, number] {
  const out: [number, number, number] = [...centre];
  out[axis]! += by;
  return out;
}

/** Unit quaternion of the smallest turn that takes one direction to the other. */
function shortestArc(from: Direction, to: Direction): Float64Array {
  const cosine = dotOf(from, to);
  if (cosine < -1 + 1e-12) {
    const side = Math.abs(from[0]) < 0.6 ? crossOf(from, [1, 0, 0]) : crossOf(from, [0, 1, 0]);
    return Float64Array.of(0, ...normalised(side));
  }
  const [x, y, z] = crossOf(from, to);
  const out = Float64Array.of(1 + cosine, x, y, z);
  normaliseInto(out, 0, out, 0);
  return out;
}

/** A turn about `axis` after `rotation`. */
function spun(rotation: Float64Array, axis: Direction, angleRad: number): Float64Array {
  const turn = new Float64Array(4);
  fromRotationVectorInto(turn, 0, axis[0] * angleRad, axis[1] * angleRad, axis[2] * angleRad);
  const out = new Float64Array(4);
  multiplyInto(out, 0, turn, 0, rotation, 0);
  return out;
}
