/** Numbers per image in optics rows, of which the first three are defocus U, V (Å) and the angle of U (rad). */
const FIELDS = 8;

/**
 * Astigmatism as two numbers that add: half the difference U − V times cos 2θ and sin 2θ, Å. The defocus along azimuth α is
 * mean + a₁ cos 2α + a₂ sin 2α.
 */
export function astigmatismOf(defocusUA: number, defocusVA: number, angleRad: number): readonly [number, number] {
  const half = (defocusUA - defocusVA) / 2;
  return [half * Math.cos(2 * angleRad), half * Math.sin(2 * angleRad)];
}

/** U, V and the angle of U with the mean changed by meanA and the components by `change`, Å. Without change of astigmatism the angle stays. */
export function changedDefocus(
  defocusUA: number,
  defocusVA: number,
  angleRad: number,
  meanA: number,
  change: readonly [number, number],
): readonly [defocusUA: number, defocusVA: number, angleRad: number] {
  if (change[0] === 0 && change[1] === 0) return [defocusUA + meanA, defocusVA + meanA, angleRad];
  const mean = (defocusUA + defocusVA) / 2 + meanA;
  const [first, second] = astigmatismOf(defocusUA, defocusVA, angleRad);
  const [a, b] = [first + change[0], second + change[1]];
  const half = Math.hypot(a, b);
  return [mean + half, mean - half, Math.atan2(b, a) / 2];
}

/** Optics rows ([images][8]) with one component of the astigmatism changed. */
export function astigmaticVariant(optics: Float64Array, component: 0 | 1, changeA: number): Float64Array {
  const out = optics.slice();
  const change: readonly [number, number] = component === 0 ? [changeA, 0] : [0, changeA];
  for (let at = 0; at < out.length; at += FIELDS) {
    out.set(changedDefocus(out[at]!, out[at + 1]!, out[at + 2]!, 0, change), at);
  }
  return out;
}
