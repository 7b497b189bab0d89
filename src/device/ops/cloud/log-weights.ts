/** (Σw)²/Σw². */
export function effectiveSampleSize(weights: Float64Array): number {
  let total = 0;
  let squares = 0;
  for (const weight of weights) {
    total += weight;
    squares += weight * weight;
  }
  return (total * total) / squares;
}

/** The power of the weights, below 1, with this effective sample size: halving finds the bracket, four bisections refine it. */
export function flattened(logWeights: Float64Array, target: number): Float64Array {
  const largest = logWeights.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const atPower = (power: number) => logWeights.map((value) => Math.exp(power * (value - largest)));
  let high = 1;
  let low = 0.5;
  while (effectiveSampleSize(atPower(low)) < target && low > 1e-6) {
    high = low;
    low /= 2;
  }
  for (let step = 0; step < 4; step++) {
    const middle = 0.5 * (low + high);
    if (effectiveSampleSize(atPower(middle)) >= target) low = middle;
    else high = middle;
  }
  const weights = atPower(low);
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

/** log Σ exp(value); −Infinity where all are. */
export function logSumExp(values: Float64Array): number {
  const largest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}
