/** Why a particle has weight 0: codes kept in checkpoints. */
export const REJECTED = {
  none: 0,
  notFinite: 1,
  constant: 2,
  noFiniteWeight: 4,
} as const;

const REASONS: Readonly<Record<number, string>> = {
  [REJECTED.notFinite]: "image holds values that are not finite numbers",
  [REJECTED.constant]: "image is constant",
  [REJECTED.noFiniteWeight]: "no pose has a finite likelihood",
};

export function rejectionReason(code: number): string {
  return REASONS[code] ?? "used";
}
