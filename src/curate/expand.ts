import { DataError, UsageError } from "../core/errors.ts";
import { eulerToQuaternionInto, quaternionToEuler } from "../geometry/euler.ts";
import { type PointGroup, pointGroup } from "../geometry/point-group.ts";
import { multiplyInto } from "../geometry/quaternion.ts";
import { folderOf, makeFolder } from "../io/node/folders.ts";
import { writeStarFileAtomic } from "../io/node/star-file.ts";
import { withTable } from "../io/star/document.ts";
import type { StarTable } from "../io/star/table.ts";
import { completeOptions } from "../options/complete-options.ts";
import { type ExpandInput, expandTable } from "../options/expand-options.ts";
import { readParticleDocument } from "./particle-document.ts";

export interface ExpandResult {
  readonly particles: string;
  readonly symmetry: string;
  readonly inputCount: number;
  readonly outputCount: number;
}

const EULER_LABELS = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"] as const;
const DEG_PER_RAD = 180 / Math.PI;

/**
 * Symmetry expansion: every row once per operator g of the group, its pose R replaced by the mate g R and everything else
 * (image, CTF, origin, half-set) as it was. The rows share their images; a later run works on one asymmetric unit at a
 * time, without symmetry.
 */
export async function expand(input: ExpandInput): Promise<ExpandResult> {
  const options = completeOptions("expand", expandTable, input);
  const group = pointGroup(options.symmetry);
  if (group.order === 1) {
    throw new UsageError(
      "expand: --symmetry C1 has one operator: there is nothing to expand. Give the particle's group.",
    );
  }
  const { document, block, table } = readParticleDocument(options.particles);
  const missing = EULER_LABELS.filter((label) => !table.has(label));
  if (missing.length > 0) {
    throw new DataError(
      `${options.particles}: has no poses (${missing.join(", ")}). Expand the particles of a finished run with this symmetry.`,
      { where: options.particles, missing },
    );
  }
  const expanded = expandTableRows(table, group);
  makeFolder(folderOf(options.out));
  writeStarFileAtomic(options.out, withTable(document, block, expanded));
  return {
    particles: options.out,
    symmetry: group.name,
    inputCount: table.rowCount,
    outputCount: expanded.rowCount,
  };
}

/** Row r of the input becomes rows r·|G| … r·|G| + |G| − 1, one per operator in the group's order (identity first). */
export function expandTableRows(table: StarTable, group: PointGroup): StarTable {
  const { order } = group;
  const count = table.rowCount * order;
  const [rot, tilt, psi] = EULER_LABELS.map((label) => table.numbers(label)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const angles = EULER_LABELS.map(() => new Float64Array(count));
  const operator = new Int32Array(count);
  const pose = new Float64Array(4);
  const mate = new Float64Array(4);
  for (let row = 0, out = 0; row < table.rowCount; row++) {
    eulerToQuaternionInto(pose, 0, rot[row]! / DEG_PER_RAD, tilt[row]! / DEG_PER_RAD, psi[row]! / DEG_PER_RAD);
    for (let g = 0; g < order; g++, out++) {
      multiplyInto(mate, 0, group.quaternions, 4 * g, pose, 0);
      const { rotRad, tiltRad, psiRad } = quaternionToEuler(mate, 0);
      angles[0]![out] = rotRad * DEG_PER_RAD;
      angles[1]![out] = tiltRad * DEG_PER_RAD;
      angles[2]![out] = psiRad * DEG_PER_RAD;
      operator[out] = g + 1;
    }
  }
  const rows = Int32Array.from({ length: count }, (_, i) => Math.floor(i / order));
  return table
    .selectRows(rows)
    .withColumns([
      ...EULER_LABELS.map((label, i) => ({ label, numbers: angles[i]! })),
      { label: "vitSymmetryOperator", numbers: operator, kind: "integer" as const },
    ]);
}
