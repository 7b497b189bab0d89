// A map and images for timing only: any numbers do, as long as there are enough of them.
export function makeLocalSource(boxPx, count, seed) {
  let state = seed + 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24 - 0.5;
  };
  const map = Float32Array.from({ length: boxPx ** 3 }, random);
  const pixels = Float32Array.from({ length: count * boxPx ** 2 }, random);
  const shellCount = boxPx / 2 + 1;
  const optics = new Float64Array(8 * count);
  for (let i = 0; i < count; i++) optics.set([15000, 15000, 0, 3e5, 2.7e7, 0.1, 0, 1], 8 * i);
  const flat = new Float64Array(shellCount).fill(boxPx ** 2);
  const model = {
    boxPx,
    pixelSizeA: 1,
    optics,
    gain: new Float32Array(count).fill(1),
    scale: new Float32Array(count).fill(1),
    noiseGroup: new Int32Array(count),
    noiseGroupCount: 1,
    shellCount,
    sigma2: [flat, flat],
    recentrePx: new Int32Array(2 * count),
    key: new Uint32Array(2 * count),
  };
  const reader = {
    readInto(out, particles) {
      for (const [i, p] of particles.entries())
        out.set(pixels.subarray(p * boxPx ** 2, (p + 1) * boxPx ** 2), i * boxPx ** 2);
    },
  };
  return { map, model, reader };
}
