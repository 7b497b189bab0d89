import { DataError } from "../core/errors.ts";
import { ProblemList } from "../core/problems.ts";
import type { CsDataset } from "../io/cs/dataset.ts";
import { CsJoin } from "./cs-join.ts";
import { checkDuplicates } from "./duplicates.ts";
import { makeIdentityRotations, makeParticleTable, type OpticsGroup, type ParticleTable } from "./table.ts";

export interface FromCsOptions {
  /** Å; replaces what the file says. */
  readonly pixelSizeA?: number;
  readonly ignoreAberrations?: boolean;
}

const NEEDED = [
  "blob/path",
  "blob/idx",
  "ctf/accel_kv",
  "ctf/cs_mm",
  "ctf/amp_contrast",
  "ctf/df1_A",
  "ctf/df2_A",
  "ctf/df_angle_rad",
] as const;

/** Fields that are 0 (or the second value) where there is nothing to correct. */
const ABERRATIONS: readonly (readonly [name: string, neutral: number, meaning: string])[] = [
  ["ctf/shift_A", 0, "an image shift of the CTF"],
  ["ctf/tilt_A", 0, "beam tilt"],
  ["ctf/trefoil_A", 0, "trefoil"],
  ["ctf/tetra_A", 0, "tetrafoil and anisotropic spherical aberration"],
  ["ctf/anisomag", 0, "anisotropic magnification"],
  ["ctf/bfactor", 0, "a CTF B-factor"],
  ["ctf/scale", 1, "a CTF scale factor"],
  ["ctf/scale_const", 0, "a CTF scale offset"],
];
const NEUTRAL_TOLERANCE = 1e-6;

/**
 * The particle table of a cryoSPARC data set, with passthrough files joined by uid.
 *
 * Pose: alignments3D/pose is a rotation vector v; exp([v]×) takes image axes to volume axes, which is R here.
 * Shift: alignments3D/shift (px of alignments3D/psize_A) has RELION's sign, so the particle's shift is minus it.
 */
export function particlesFromCs(
  dataset: CsDataset,
  passthrough: readonly CsDataset[] = [],
  options: FromCsOptions = {},
): ParticleTable {
  const { where, count } = dataset;
  const data = new CsJoin([dataset, ...passthrough]);
  const needed = options.pixelSizeA === undefined ? [...NEEDED, "blob/psize_A"] : NEEDED;
  const missing = needed.filter((name) => !data.has(name));
  if (missing.length > 0) {
    throw new DataError(
      `${where}: no field ${missing.join(", ")}. Give the passthrough file of the same job too (it holds them).`,
      { where, missing },
    );
  }
  if (count === 0) throw new DataError(`${where}: no particles.`, { where });
  const problems = new ProblemList(where);
  if (options.ignoreAberrations !== true) refuseAberrations(data, where, problems);

  const paths = data.internedTexts("blob/path");
  const names = {
    // cryoSPARC marks paths inside its project with ">".
    stackPaths: paths.texts.map((path) => path.replace(/^>/, "")),
    imageStack: paths.index,
    imageSlice: Int32Array.from(data.numbers("blob/idx")),
  };
  const subset = new Uint8Array(count);
  if (data.has("alignments3D/split")) {
    // 0 and 1 there, 1 and 2 here.
    data.numbers("alignments3D/split").forEach((half, i) => {
      subset[i] = 1 + (half & 1);
    });
  }
  const finite = (name: string): Float32Array => {
    const values = data.numbers(name);
    values.forEach((value, i) => {
      if (!Number.isFinite(value)) problems.add(() => `${where}: particle ${i + 1}: ${name} is ${value}.`);
    });
    return Float32Array.from(values);
  };
  const optics = opticsOf(data, count, options);
  const micrographs = data.has("location/micrograph_path") ? data.internedTexts("location/micrograph_path") : undefined;
  const hasPoses = data.has("alignments3D/pose");
  const place = (particle: number): string => `${where}: particle ${particle + 1}`;
  const copies = checkDuplicates(names, subset, place, problems);
  const columns = {
    ...names,
    ...optics,
    where,
    count,
    micrographNames: micrographs?.texts ?? names.stackPaths,
    micrograph: micrographs?.index ?? names.imageStack,
    hasCtf: true,
    defocusUA: finite("ctf/df1_A"),
    defocusVA: finite("ctf/df2_A"),
    defocusAngleRad: finite("ctf/df_angle_rad"),
    phaseShiftRad: data.has("ctf/phase_shift_rad") ? finite("ctf/phase_shift_rad") : new Float32Array(count),
    hasPoses,
    rotation: hasPoses ? rotationsOf(data.numbers("alignments3D/pose")) : makeIdentityRotations(count),
    shiftPx: shiftsOf(data, count, optics),
    randomSubset: subset,
    source: { kind: "cs", dataset } as const,
    notes: copies > 0 ? [`${where}: ${copies} records repeat an earlier image; all are used.`] : [],
  };
  problems.throwIfAny();
  return makeParticleTable(columns);
}

/** Unit quaternions of rotation vectors, [4 × count] from [3 × count]. */
export function rotationsOf(vectors: Float64Array): Float64Array {
  const count = vectors.length / 3;
  const rotation = new Float64Array(4 * count);
  for (let i = 0; i < count; i++) {
    const x = vectors[3 * i] as number;
    const y = vectors[3 * i + 1] as number;
    const z = vectors[3 * i + 2] as number;
    const angleRad = Math.hypot(x, y, z);
    // sin(a/2)/a tends to 1/2.
    const scale = angleRad < 1e-12 ? 0.5 : Math.sin(angleRad / 2) / angleRad;
    rotation[4 * i] = Math.cos(angleRad / 2);
    rotation[4 * i + 1] = scale * x;
    rotation[4 * i + 2] = scale * y;
    rotation[4 * i + 3] = scale * z;
  }
  return rotation;
}

interface CsOptics {
  readonly opticsGroups: readonly OpticsGroup[];
  readonly opticsGroup: Int32Array;
}

/** One group per exposure group and combination of optics values. */
function opticsOf(data: CsJoin, count: number, options: FromCsOptions): CsOptics {
  const column = (name: string): Float64Array | undefined => (data.has(name) ? data.numbers(name) : undefined);
  const exposureGroup = column("ctf/exp_group_id");
  const pixelSizesA = column("blob/psize_A");
  const signs = column("blob/sign");
  const shapes = column("blob/shape");
  const shapeElements = shapes === undefined ? 1 : shapes.length / count;
  const [kv, cs, contrast] = ["ctf/accel_kv", "ctf/cs_mm", "ctf/amp_contrast"].map((name) => data.numbers(name)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const known = new Map<string, number>();
  const opticsGroups: OpticsGroup[] = [];
  const opticsGroup = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const number = exposureGroup?.[i] ?? 1;
    const values = {
      voltageKv: kv[i] as number,
      sphericalAberrationMm: cs[i] as number,
      amplitudeContrast: contrast[i] as number,
      pixelSizeA: options.pixelSizeA ?? pixelSizesA?.[i] ?? 0,
      boxPx: shapes?.[i * shapeElements] ?? 0,
      imageSign: signs !== undefined && (signs[i] as number) < 0 ? (-1 as const) : (1 as const),
    };
    const key = [number, ...Object.values(values)].join(" ");
    let index = known.get(key);
    if (index === undefined) {
      index = opticsGroups.length;
      known.set(key, index);
      // Numbers in a STAR file count from 1 and are unique.
      opticsGroups.push({ name: `exposureGroup${number}`, number: index + 1, ...values });
    }
    opticsGroup[i] = index;
  }
  return { opticsGroups, opticsGroup };
}

function shiftsOf(data: CsJoin, count: number, optics: CsOptics): Float32Array {
  const shiftPx = new Float32Array(2 * count);
  if (!data.has("alignments3D/shift")) return shiftPx;
  const shifts = data.numbers("alignments3D/shift");
  const alignedA = data.has("alignments3D/psize_A") ? data.numbers("alignments3D/psize_A") : undefined;
  for (let i = 0; i < count; i++) {
    const pixelSizeA = optics.opticsGroups[optics.opticsGroup[i] as number]?.pixelSizeA ?? 0;
    const stated = alignedA?.[i] ?? 0;
    const factor = stated > 0 ? stated / pixelSizeA : 1;
    for (let axis = 0; axis < 2; axis++) shiftPx[2 * i + axis] = 0 - (shifts[2 * i + axis] as number) * factor;
  }
  return shiftPx;
}

function refuseAberrations(data: CsJoin, where: string, problems: ProblemList): void {
  for (const [name, neutral, meaning] of ABERRATIONS) {
    if (!data.has(name)) continue;
    const values = data.numbers(name);
    const bad = values.findIndex((value) => !(Math.abs(value - neutral) <= NEUTRAL_TOLERANCE));
    if (bad < 0) continue;
    problems.add(
      () => `${where}: ${name} is ${values[bad]}: ${meaning} is not modelled. Correct it before extraction.`,
    );
  }
}
