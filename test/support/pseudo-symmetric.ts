import { nearestMateInto } from "../../src/geometry/asymmetric-unit.ts";
import { type PointGroup, pointGroup } from "../../src/geometry/point-group.ts";
import { multiplyInto } from "../../src/geometry/quaternion.ts";
import { addGaussian, type Scene } from "./scene.ts";
import { turnedPoint } from "./symmetric-map.ts";

export type Place = readonly [x: number, y: number, z: number];

/** Blobs of one subunit of a ring, px of a box of 32. */
const SUBUNIT: readonly (readonly [...Place, sd: number, height: number])[] = [
  [7, 1, -1, 1.5, 1],
  [5, 3.5, 3.5, 1.3, 0.8],
  [9.5, -1.5, 1.5, 1.2, 0.9],
  [4, 2, -4.5, 1.2, 0.8],
];
/** What the odd subunit has more: a domain on the rim. */
export const ODD_DOMAIN: Place = [8, 4.5, -3.5];
const ODD_SD = 1.5;

/** [32³] a ring of symmetry G but for one domain on one of its subunits; strength 0: G to the last digit. */
export function oddRing(name: string, strength: number): Float32Array {
  const boxPx = 32;
  const out = new Float32Array(boxPx ** 3);
  const group = pointGroup(name);
  for (let g = 0; g < group.order; g++) {
    for (const [x, y, z, sd, height] of SUBUNIT) {
      addGaussian(out, boxPx, turnedPoint(group.matrices, 9 * g, [x, y, z]), sd, height);
    }
  }
  addGaussian(out, boxPx, ODD_DOMAIN, ODD_SD, strength);
  return out;
}

/** Quaternions g(p) R(p) with mates drawn by a fixed rule: what a refinement with symmetry G knows of the poses. */
export function knownUpToMates(rotations: Float64Array, group: PointGroup): Float64Array {
  const out = rotations.slice();
  let state = 12345;
  for (let p = 0; p < rotations.length / 4; p++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const g = Math.floor((state / 2 ** 32) * group.order);
    multiplyInto(out, 4 * p, group.quaternions, 4 * g, rotations, 4 * p);
  }
  return out;
}

/** How many of some particles stand at each mate of their true pose, [order]: one of them is the frame that the map came out in. */
export function mateCounts(
  found: Float64Array,
  scene: Scene,
  group: PointGroup,
  particles?: ArrayLike<number>,
): number[] {
  const counts = new Array<number>(group.order).fill(0);
  const mate = new Float64Array(4);
  for (const p of Array.from(particles ?? { length: scene.count }, (value, i) => value ?? i)) {
    const g = nearestMateInto(mate, 0, scene.rotations, 4 * p, found, 4 * p, group);
    counts[g]!++;
  }
  return counts;
}

/** Mean density within 2 px of each mate of a point, [order]. */
export function densityAtMates(map: Float32Array, boxPx: number, group: PointGroup, place: Place): number[] {
  return Array.from({ length: group.order }, (_, g) => {
    const centre = turnedPoint(group.matrices, 9 * g, place);
    let sum = 0;
    let count = 0;
    for (let i = 0; i < map.length; i++) {
      const at = [i % boxPx, Math.floor(i / boxPx) % boxPx, Math.floor(i / boxPx ** 2)];
      const distance = Math.hypot(...at.map((v, axis) => v - boxPx / 2 - centre[axis]!));
      if (distance > 2) continue;
      sum += map[i]!;
      count++;
    }
    return sum / count;
  });
}
