// How far a result is from the truth of a simulation, as one line of JSON:
//   node bench/score-own.mjs map RESULT.mrc TRUTH.mrc             FSC in a soft sphere, after rigid alignment
//   node bench/score-own.mjs poses RESULT.star TRUTH.star         errors after one rotation between the frames is taken out
//   node bench/score-own.mjs junk RESULT.star TRUTH.star --column LABEL   ROC area: good (0 in the truth's column junk) over junk
import { alignMap } from "./align-map.mjs";
import { dist } from "./dist.mjs";

const load = (path) => import(new URL(path, dist).href);
const { readMapFile } = await load("io/node/map-file.js");
const { readStarFile } = await load("io/node/star-file.js");
const { expectBlock } = await load("io/star/document.js");
const { readPoses } = await load("simulate/read-poses.js");
const { angleBetweenRad, conjugateInto, dot, multiplyInto, normaliseInto } = await load("geometry/quaternion.js");

const [what, result, truth, , column] = process.argv.slice(2);
const scores = { map: scoreMap, poses: scorePoses, junk: scoreJunk };
console.log(JSON.stringify(await scores[what](), (_, v) => (typeof v === "number" ? Number(v.toFixed(4)) : v)));
process.exit(0);

async function scoreMap() {
  const { openDevice } = await load("device/open.js");
  const { deviceFft3 } = await load("map/device-fft3.js");
  const { fscOfMaps } = await load("map/fsc.js");
  const { lowPassMap } = await load("map/low-pass.js");
  const { applyMaskInto, sphereMaskInto } = await load("map/masks.js");
  const { resampleMap } = await load("map/resample.js");
  const { resolutionAt } = await load("map/resolution.js");
  const ours = readMapFile(result);
  const theirs = readMapFile(truth);
  const boxPx = theirs.sizeX;
  const { pixelSizeA } = theirs;
  const radiusPx = boxPx / 2 - 5;
  const fft = deviceFft3(openDevice({ threads: 1 }));
  const smooth = await lowPassMap(ours.data, boxPx, pixelSizeA, 4 * pixelSizeA, fft);
  const fine = resampleMap(ours.data, { boxPx, pixelSizeA }, { boxPx: 2 * boxPx, pixelSizeA: pixelSizeA / 2 });
  const moved = alignMap(smooth, fine, theirs.data, boxPx, radiusPx);
  const mask = sphereMaskInto(new Float32Array(boxPx ** 3), boxPx, radiusPx, 4);
  for (const data of [moved.map, theirs.data]) applyMaskInto(data, data, mask);
  const fsc = await fscOfMaps(moved.map, theirs.data, boxPx, fft);
  const at = (threshold) => resolutionAt(fsc, threshold, boxPx, pixelSizeA).resolutionA;
  const meanFsc = fsc.slice(1).reduce((sum, v) => sum + v, 0) / (fsc.length - 1);
  return { at05: at(0.5), at0143: at(0.143), movedDegPx: [moved.movedDeg, moved.movedPx], meanFsc };
}

/** Rows of the truth's column junk and of a column of the result, matched by image number. */
function particleColumn(path, label) {
  const { table } = expectBlock(readStarFile(path), "particles");
  const numbers = table.has(label) ? table.numbers(label) : null;
  return new Map(table.texts("rlnImageName").map((name, i) => [Number.parseInt(name, 10), numbers?.[i] ?? Number.NaN]));
}

/** Particles of the truth that the result leaves out count as wrong. */
function scorePoses() {
  const found = readPoses(result, {});
  const wanted = readPoses(truth, {});
  const junk = particleColumn(truth, "junk");
  const rowOf = new Map(Array.from(found.imageSlice, (slice, row) => [slice, row]));
  const pairs = Array.from(wanted.imageSlice, (slice, row) => [rowOf.get(slice), row]).filter(
    ([at]) => at !== undefined,
  );
  const frame = frameRotation(found.rotation, wanted.rotation, pairs);
  const moved = new Float64Array(4);
  const errorsDeg = [];
  const shiftsA = [];
  wanted.imageSlice.forEach((slice, row) => {
    if (junk.get(slice + 1)) return;
    const at = rowOf.get(slice);
    if (at === undefined) {
      errorsDeg.push(180);
      shiftsA.push(1e3);
      return;
    }
    multiplyInto(moved, 0, frame, 0, found.rotation, 4 * at);
    errorsDeg.push((angleBetweenRad(moved, 0, wanted.rotation, 4 * row) * 180) / Math.PI);
    const pixelSizeA = wanted.opticsGroups[0].pixelSizeA;
    shiftsA.push(
      pixelSizeA * Math.hypot(...[0, 1].map((c) => found.shiftPx[2 * at + c] - wanted.shiftPx[2 * row + c])),
    );
  });
  const within = (deg) => errorsDeg.filter((error) => error < deg).length / errorsDeg.length;
  return {
    medianDeg: middle(errorsDeg),
    within3: within(3),
    within5: within(5),
    within10: within(10),
    medianShiftA: middle(shiftsA),
    frameDeg: (angleBetweenRad(frame, 0, Float64Array.of(1, 0, 0, 0), 0) * 180) / Math.PI,
  };
}

/** The rotation g with g · found ≈ true for most: mean quaternion of the pairs, those more than 20° off left out. */
function frameRotation(found, wanted, pairs) {
  const frame = Float64Array.of(1, 0, 0, 0);
  const between = new Float64Array(4);
  for (let pass = 0; pass < 6; pass++) {
    const sum = new Float64Array(4);
    for (const [at, row] of pairs) {
      conjugateInto(between, 0, found, 4 * at);
      multiplyInto(between, 0, wanted, 4 * row, between, 0);
      if (angleBetweenRad(between, 0, frame, 0) > (20 * Math.PI) / 180) continue;
      const sign = dot(between, 0, frame, 0) < 0 ? -1 : 1;
      for (let i = 0; i < 4; i++) sum[i] += sign * between[i];
    }
    if (Math.hypot(...sum) > 0) normaliseInto(frame, 0, sum, 0);
  }
  return frame;
}

function middle(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function scoreJunk() {
  const sign = particleColumn(result, column);
  const junk = particleColumn(truth, "junk");
  const good = [];
  const bad = [];
  for (const [image, value] of sign) (junk.get(image) ? bad : good).push(value);
  let wins = 0;
  for (const g of good) for (const b of bad) wins += g > b ? 1 : g === b ? 0.5 : 0;
  return {
    good: good.length,
    bad: bad.length,
    rocArea: sign.values().next().value === undefined ? null : wins / (good.length * bad.length),
  };
}
