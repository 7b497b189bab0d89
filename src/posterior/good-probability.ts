/**
 * Probability that an image shows the particle: p = π e^{Z1} / (π e^{Z1} + (1 − π) e^{Z0}).
 *
 * @param logEvidence  Z1 − Z0: log evidence of the image under the model, that of "no signal" subtracted
 * @param goodShare  π, the share of good particles in the half-set
 */
export function goodProbability(logEvidence: number, goodShare: number): number {
  if (Number.isNaN(logEvidence)) return 0;
  const logOdds = logEvidence + Math.log(goodShare) - Math.log1p(-goodShare);
  return logOdds >= 0 ? 1 / (1 + Math.exp(-logOdds)) : Math.exp(logOdds) / (1 + Math.exp(logOdds));
}
