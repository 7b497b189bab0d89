import { DataError } from "../core/errors.ts";
import { eulerToQuaternionInto, quaternionToEuler } from "../geometry/euler.ts";
import { conjugateInto, multiplyInto, quaternionToMatrixInto } from "../geometry/quaternion.ts";
import type { StarTable } from "../io/star/table.ts";

const DEG_PER_RAD = 180 / Math.PI;
const EULER_LABELS = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"] as const;

/**
 * Poses for the map V'(x) = V(Q x + c) of a particle set refined against V: R' = Qᵀ R, and each particle's shift grows by
 * the image part of Rᵀ c.
 *
 * @param rotation  Q, unit quaternion
 * @param centreA  c
 */
export function alignPoses(
  table: StarTable,
  rotation: Float64Array,
  centreA: readonly [number, number, number],
): StarTable {
  const missing = [...EULER_LABELS, "rlnOriginXAngst", "rlnOriginYAngst"].filter((label) => !table.has(label));
  if (missing.length > 0) {
    throw new DataError(
      `${table.where}: expected poses in STAR 3.1 columns, found no ${missing.join(", ")}. Give run_data.star of the run that made the map.`,
      { where: table.where, missing },
    );
  }
  const [rot, tilt, psi] = EULER_LABELS.map((label) => table.numbers(label)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const [originX, originY] = ["rlnOriginXAngst", "rlnOriginYAngst"].map((label) => table.numbers(label).slice()) as [
    Float64Array,
    Float64Array,
  ];
  const angles = EULER_LABELS.map(() => new Float64Array(table.rowCount));
  const q = new Float64Array(8);
  conjugateInto(q, 4, rotation, 0);
  const m = new Float64Array(9);
  for (let row = 0; row < table.rowCount; row++) {
    eulerToQuaternionInto(q, 0, rot[row]! / DEG_PER_RAD, tilt[row]! / DEG_PER_RAD, psi[row]! / DEG_PER_RAD);
    quaternionToMatrixInto(m, 0, q, 0);
    // The origin is minus the shift.
    originX[row]! -= m[0]! * centreA[0] + m[3]! * centreA[1] + m[6]! * centreA[2];
    originY[row]! -= m[1]! * centreA[0] + m[4]! * centreA[1] + m[7]! * centreA[2];
    multiplyInto(q, 0, q, 4, q, 0);
    const { rotRad, tiltRad, psiRad } = quaternionToEuler(q, 0);
    angles[0]![row] = rotRad * DEG_PER_RAD;
    angles[1]![row] = tiltRad * DEG_PER_RAD;
    angles[2]![row] = psiRad * DEG_PER_RAD;
  }
  return table.withColumns([
    ...EULER_LABELS.map((label, i) => ({ label, numbers: angles[i]! })),
    { label: "rlnOriginXAngst", numbers: originX },
    { label: "rlnOriginYAngst", numbers: originY },
  ]);
}
