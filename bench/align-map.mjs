// Moves a map rigidly onto another: free refinement drifts by a degree or so.

const DEG = Math.PI / 180;

/** Rotation matrix of a rotation vector (rad), row-major. */
function rotation([x, y, z]) {
  const angle = Math.hypot(x, y, z) || 1e-12;
  const [a, b, c] = [x / angle, y / angle, z / angle];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const k = 1 - cos;
  return [
    [cos + a * a * k, a * b * k - c * sin, a * c * k + b * sin],
    [b * a * k + c * sin, cos + b * b * k, b * c * k - a * sin],
    [c * a * k - b * sin, c * b * k + a * sin, cos + c * c * k],
  ];
}

/** Weights of the four neighbours of a place `t` beyond the second (Catmull and Rom's cubic). */
function cubicWeights(t) {
  return [
    (((-t + 2) * t - 1) * t) / 2,
    ((3 * t - 5) * t * t + 2) / 2,
    (((-3 * t + 4) * t + 1) * t) / 2,
    ((t - 1) * t * t) / 2,
  ];
}

/** Tricubic value at voxel coordinates; 0 near and beyond the edge. */
function cubicAt(map, boxPx, place) {
  const floor = place.map(Math.floor);
  if (floor.some((i) => i < 1 || i > boxPx - 3)) return 0;
  const [wx, wy, wz] = place.map((v, axis) => cubicWeights(v - floor[axis]));
  let sum = 0;
  for (let k = 0; k < 4; k++) {
    for (let j = 0; j < 4; j++) {
      const at = ((floor[2] + k - 1) * boxPx + floor[1] + j - 1) * boxPx + floor[0] - 1;
      sum += wz[k] * wy[j] * (wx[0] * map[at] + wx[1] * map[at + 1] + wx[2] * map[at + 2] + wx[3] * map[at + 3]);
    }
  }
  return sum;
}

/** Voxels within a sphere, as offsets from the centre; every `step`-th of them. */
function sphere(boxPx, radiusPx, step) {
  const centre = boxPx >> 1;
  const points = [];
  for (let z = 0, o = 0; z < boxPx; z++) {
    for (let y = 0; y < boxPx; y++) {
      for (let x = 0; x < boxPx; x++, o++) {
        const offset = [x - centre, y - centre, z - centre];
        if (Math.hypot(...offset) <= radiusPx) points.push({ o, offset });
      }
    }
  }
  return points.filter((_, i) => i % step === 0);
}

/** Value of `map`, on a grid `scale` times finer, where rotation and shift put each point; pose = rotation (°), shift (px). */
function sample(map, finePx, scale, pose, points) {
  const matrix = rotation(pose.slice(0, 3).map((deg) => deg * DEG));
  const centre = finePx >> 1;
  return points.map(({ offset }) =>
    cubicAt(
      map,
      finePx,
      matrix.map(
        (row, axis) => scale * (row[0] * offset[0] + row[1] * offset[1] + row[2] * offset[2] + pose[3 + axis]) + centre,
      ),
    ),
  );
}

function correlation(a, b) {
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((v, i) => {
    ab += v * b[i];
    aa += v * v;
    bb += b[i] * b[i];
  });
  return ab / Math.sqrt(aa * bb || 1);
}

/**
 * @param smooth  the map [N³], low-passed: what the search looks at, so that the blur of interpolation does not pay
 * @param fine  the map on a grid twice as fine [(2N)³]: what is moved, so that the blur stays small
 * @param target  [N³]
 * @returns {{ map: Float32Array, movedDeg: number, movedPx: number }}
 */
export function alignMap(smooth, fine, target, boxPx, radiusPx) {
  const few = sphere(boxPx, radiusPx, 7);
  const wanted = few.map(({ o }) => target[o]);
  const score = (pose) => correlation(sample(smooth, boxPx, 1, pose, few), wanted);
  let pose = [0, 0, 0, 0, 0, 0];
  let best = score(pose);
  for (let step = 2; step > 0.02; step /= 2) {
    for (let isBetter = true, turn = 0; isBetter && turn < 8; turn++) {
      isBetter = false;
      for (const axis of pose.keys()) {
        for (const sign of [1, -1]) {
          const next = pose.map((v, i) => (i === axis ? v + (sign * step) / (axis < 3 ? 1 : 2) : v));
          const value = score(next);
          if (value > best + 1e-7) [best, pose, isBetter] = [value, next, true];
        }
      }
    }
  }
  const map = new Float32Array(boxPx ** 3);
  const all = sphere(boxPx, radiusPx, 1);
  sample(fine, 2 * boxPx, 2, pose, all).forEach((value, i) => {
    map[all[i].o] = value;
  });
  return { map, movedDeg: Math.hypot(...pose.slice(0, 3)), movedPx: Math.hypot(...pose.slice(3)) };
}
