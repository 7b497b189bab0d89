/**
 * The built-in molecule of the demo and of tests: α-helices packed into a few lobes with coil between them, one Gaussian
 * per residue.
 *
 * About 170 Å long, without symmetry, chiral on every scale (lobes, packing, helices), with detail to 8 Å and finer.
 * The same seed gives the same molecule on every machine.
 */

import { philox4x32, seedWords, uniform01 } from "../core/random.ts";
import { type Blob, type Blobs, makeBlobs } from "./blobs.ts";

type Vector = readonly [x: number, y: number, z: number];

interface Lobe {
  readonly centreA: Vector;
  readonly radiiA: Vector;
  /** Direction that the lobe's helices lean to: bundles pack closer than helices at random. */
  readonly bundle: Vector;
}

const LOBES: readonly Lobe[] = [
  { centreA: [0, 0, 0], radiiA: [36, 30, 28], bundle: [0.2, 0.3, 0.9] },
  { centreA: [46, 16, 12], radiiA: [30, 24, 30], bundle: [0.9, -0.4, 0.1] },
  { centreA: [-42, 22, -14], radiiA: [28, 26, 22], bundle: [0.5, 0.8, -0.3] },
  { centreA: [12, -34, 34], radiiA: [22, 24, 32], bundle: [-0.1, 0.5, 0.9] },
  { centreA: [-20, 12, 46], radiiA: [20, 18, 24], bundle: [0.7, 0.1, 0.7] },
  { centreA: [-64, -10, -26], radiiA: [24, 17, 18], bundle: [0.9, 0.3, -0.3] },
];
/** How far a seed moves a lobe, Å. */
const LOBE_JITTER_A = 6;

// The α-helix: 1.5 Å and 100° a residue, axes 9.5 Å apart; a residue's centre of mass lies further out and weighs more
// the larger its side chain.
const RISE_A = 1.5;
const TURN_RAD = (100 * Math.PI) / 180;
const SMALLEST_RADIUS_A = 1.5;
const LARGEST_RADIUS_A = 5;
const HELIX_SPACING_A = 9.5;
/** Length of the random part of a helix's direction beside the lobe's unit vector. */
const BUNDLE_SPREAD = 0.45;
const SHORTEST_RESIDUES = 10;
const LONGEST_RESIDUES = 30;

/** A residue with its thermal motion: amplitude exp(-1.5) at 8 Å. */
const RESIDUE_SIGMA_A = 2.2;
/** Electrons of a residue, from glycine to tryptophan. */
const SMALLEST_WEIGHT = 30;
const LARGEST_WEIGHT = 100;

/** Tries before the lobes count as full. */
const TRY_COUNT = 20000;
const HELIX_LIMIT = 160;

/** Residues outside helices keep this distance from all others, Å. */
const COIL_SPACING_A = 5;
const COIL_TRY_COUNT = 4000;
const COIL_LIMIT = 800;

/** Helices of the molecule of a seed, moved so that its centre of mass is the origin. */
export function makePhantom(seed = 1): Blobs {
  const lobes = LOBES.map((lobe, index) => moved(lobe, seed, index));
  const axes: Vector[][] = [];
  const residues: Residue[] = [];
  for (let attempt = 0; attempt < TRY_COUNT && axes.length < HELIX_LIMIT; attempt++) {
    const { axis, direction, startRad } = proposeHelix(lobes, seed, attempt);
    const fits = axis.every((point) => isInside(lobes, point) && axes.every((other) => isClear(other, point)));
    if (!fits) continue;
    axes.push(axis);
    residues.push(...windAround(axis, direction, startRad, seed, residues.length));
  }
  addCoil(residues, lobes, seed);
  const mass = residues.reduce((sum, residue) => sum + residue.weight, 0);
  const centre = ([0, 1, 2] as const).map((i) => residues.reduce((sum, r) => sum + r.weight * r.place[i], 0) / mass);
  return makeBlobs(
    residues.map(
      ({ place, weight }): Blob => ({
        xA: place[0] - centre[0]!,
        yA: place[1] - centre[1]!,
        zA: place[2] - centre[2]!,
        sigmaA: RESIDUE_SIGMA_A,
        weight,
      }),
    ),
  );
}

interface Residue {
  readonly place: Vector;
  readonly weight: number;
}

/** Four uniform numbers in (0, 1) of a place in the seed's stream. */
function uniforms(seed: number, purpose: number, index: number): readonly [number, number, number, number] {
  const words = new Uint32Array(4);
  philox4x32(words, ...seedWords(seed), index, purpose, 0, 0);
  return [uniform01(words[0]!), uniform01(words[1]!), uniform01(words[2]!), uniform01(words[3]!)];
}

function moved(lobe: Lobe, seed: number, index: number): Lobe {
  const u = uniforms(seed, 0, index);
  const at = (i: 0 | 1 | 2) => lobe.centreA[i] + LOBE_JITTER_A * (2 * u[i] - 1);
  return { ...lobe, centreA: [at(0), at(1), at(2)] };
}

function proposeHelix(lobes: readonly Lobe[], seed: number, attempt: number) {
  const [pick, x, y, z] = uniforms(seed, 1, attempt);
  const [length, turn, across, longitude] = uniforms(seed, 2, attempt);
  const around = 2 * Math.PI * longitude;
  const lobe = lobes[Math.floor(pick * lobes.length)]!;
  const start = pointOf(lobe, x, y, z);
  const height = 2 * across - 1;
  const radius = Math.sqrt(1 - height * height);
  const random: Vector = [radius * Math.cos(around), radius * Math.sin(around), height];
  const lean = along(unit(lobe.bundle), random, BUNDLE_SPREAD);
  // Bundles run both ways.
  const direction = unit(turn < 0.5 ? lean : [-lean[0], -lean[1], -lean[2]]);
  const count = SHORTEST_RESIDUES + Math.floor(length * (LONGEST_RESIDUES - SHORTEST_RESIDUES + 1));
  const axis = Array.from({ length: count }, (_, i) => along(start, direction, i * RISE_A));
  return { axis, direction, startRad: 2 * Math.PI * turn };
}

/** Single residues where the helices left room. */
function addCoil(residues: Residue[], lobes: readonly Lobe[], seed: number): void {
  const wanted = residues.length + COIL_LIMIT;
  for (let attempt = 0; attempt < COIL_TRY_COUNT && residues.length < wanted; attempt++) {
    const [pick, x, y, z] = uniforms(seed, 4, attempt);
    const [size] = uniforms(seed, 5, attempt);
    const place = pointOf(lobes[Math.floor(pick * lobes.length)]!, x, y, z);
    if (
      !isInside(lobes, place) ||
      residues.some((other) => distanceSquared(other.place, place) < COIL_SPACING_A ** 2)
    ) {
      continue;
    }
    residues.push({ place, weight: SMALLEST_WEIGHT + size * (LARGEST_WEIGHT - SMALLEST_WEIGHT) });
  }
}

/** Residues around an axis, turning right-handed along its direction. */
function windAround(
  axis: readonly Vector[],
  direction: Vector,
  startRad: number,
  seed: number,
  firstResidue: number,
): Residue[] {
  const aside = unit(cross(direction, Math.abs(direction[0]) < 0.6 ? [1, 0, 0] : [0, 1, 0]));
  const up = cross(direction, aside);
  return axis.map((point, i) => {
    const [size] = uniforms(seed, 3, firstResidue + i);
    const radiusA = SMALLEST_RADIUS_A + size * (LARGEST_RADIUS_A - SMALLEST_RADIUS_A);
    const angleRad = startRad + i * TURN_RAD;
    const outwards = along(point, aside, radiusA * Math.cos(angleRad));
    return {
      place: along(outwards, up, radiusA * Math.sin(angleRad)),
      weight: SMALLEST_WEIGHT + size * (LARGEST_WEIGHT - SMALLEST_WEIGHT),
    };
  });
}

/** A point of a lobe's bounding box from three numbers in (0, 1). */
function pointOf({ centreA, radiiA }: Lobe, x: number, y: number, z: number): Vector {
  return [
    centreA[0] + radiiA[0] * (2 * x - 1),
    centreA[1] + radiiA[1] * (2 * y - 1),
    centreA[2] + radiiA[2] * (2 * z - 1),
  ];
}

function isInside(lobes: readonly Lobe[], point: Vector): boolean {
  return lobes.some(
    ({ centreA, radiiA }) =>
      ((point[0] - centreA[0]) / radiiA[0]) ** 2 +
        ((point[1] - centreA[1]) / radiiA[1]) ** 2 +
        ((point[2] - centreA[2]) / radiiA[2]) ** 2 <
      1,
  );
}

function isClear(axis: readonly Vector[], point: Vector): boolean {
  return axis.every((p) => distanceSquared(p, point) > HELIX_SPACING_A ** 2);
}

function distanceSquared(a: Vector, b: Vector): number {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
}

function along(start: Vector, direction: Vector, length: number): Vector {
  return [start[0] + length * direction[0], start[1] + length * direction[1], start[2] + length * direction[2]];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(v: Vector): Vector {
  const length = Math.hypot(...v) || 1;
  return [v[0] / length, v[1] / length, v[2] / length];
}
