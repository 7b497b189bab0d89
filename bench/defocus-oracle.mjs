// RMS error of the defocus of a simulated set, and what the same search makes of it with the true map and the true poses (the oracle).
import { join } from "node:path";
import { dist } from "./dist.mjs";

const load = (path) => import(`${dist}${path}.js`);
const { readStarFile } = await load("io/node/star-file");
const { readMapFile } = await load("io/node/map-file");
const { nodeFiles } = await load("io/node/file-reader");
const { particlesFromStar } = await load("particles/from-star");
const { openImageSource } = await load("particles/stacks");
const { loadImageSet, uploadBand } = await load("particles/image-set");
const { makeBand } = await load("geometry/band");
const { makeReference } = await load("expectation/reference");
const { defocusCurves } = await load("expectation/defocus-curves");
const { estimateDefocus, makeDefocusGrid } = await load("posterior/defocus-prior");
const { opticsRows } = await load("refine/dataset");
const { openDevice } = await load("device/open");

const BATCH = 256;
const mean = (table) => Float64Array.from(table.defocusUA, (u, p) => (u + table.defocusVA[p]) / 2);
const rms = (values) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
const tableOf = (path) => particlesFromStar(readStarFile(path));

/** RMS of the difference between the mean defocus of a particle file and the truth of a set (as ../shared/tools/simulate.mjs writes it), Å. */
export function defocusErrorA(path, folder) {
  const found = tableOf(path);
  const truth = tableOf(join(folder, "truth.star"));
  const wanted = mean(truth);
  const rowOf = new Map(Array.from(truth.imageSlice, (slice, row) => [slice, row]));
  return rms(mean(found).map((z, p) => z - wanted[rowOf.get(found.imageSlice[p])]));
}

/** @param noise  what the simulator prints: the grey value that it divided the images by */
export async function defocusOracle(folder, noise, threads = 1) {
  const truth = tableOf(join(folder, "truth.star"));
  const given = tableOf(join(folder, "particles.star"));
  const source = openImageSource(given, { files: nodeFiles, metadataPath: join(folder, "particles.star") });
  const { boxPx, pixelSizeA } = source;
  const n = given.count;
  const device = openDevice({ threads });
  const band = uploadBand(device, makeBand(boxPx, boxPx / 2));
  const shellCount = boxPx / 2 + 1;
  const flat = new Float64Array(shellCount).fill((boxPx * boxPx) / 2);
  const model = {
    ...{ boxPx, pixelSizeA, shellCount, optics: opticsRows(given, pixelSizeA) },
    ...{ gain: new Float32Array(n).fill(1), scale: new Float32Array(n).fill(1 / noise) },
    ...{ noiseGroup: new Int32Array(n), noiseGroupCount: 1, sigma2: [flat, flat] },
    ...{ recentrePx: new Int32Array(2 * n), key: new Uint32Array(2 * n) },
  };
  const reference = makeReference(device, readMapFile(join(folder, "truth.mrc")).data, boxPx, 2, boxPx / 2);
  const grid = makeDefocusGrid(1000, 20);
  const curves = new Float32Array(n * grid.count);
  for (let first = 0; first < n; first += BATCH) {
    const particles = Int32Array.from({ length: Math.min(BATCH, n - first) }, (_, i) => first + i);
    const set = await loadImageSet(device, band, source, model, particles, { half: 0, mask: null, isRecentred: false });
    const count = particles.length;
    const points = {
      ...{ rotationsPerImage: 1, shiftsPerRotation: 1, weights: new Float32Array(count).fill(1) },
      rotations: Float32Array.from(truth.rotation.subarray(4 * first, 4 * (first + count))),
      shiftsPx: truth.shiftPx.slice(2 * first, 2 * (first + count)),
    };
    const plan = {
      grid,
      currentA: new Float32Array(n),
      ownShare: new Float64Array(shellCount),
      pointCount: 1,
      astigmatismStepA: 100,
    };
    const images = { set, model, half: 0, key: model.key.subarray(2 * first), stream: 0 };
    const part = await defocusCurves(device, band, images, reference, points, plan);
    curves.set(part.curve, first * grid.count);
    set.free();
  }
  const found = estimateDefocus(
    curves,
    grid,
    given.micrograph,
    given.micrographNames.length,
    new Uint8Array(n).fill(1),
  );
  device.close();
  source.close();
  const wanted = mean(truth);
  return {
    errorA: rms(mean(given).map((z, p) => z + found.meanA[p] - wanted[p])),
    posteriorSdA: rms(found.sdA),
    particleSigmaA: found.particleSigmaA,
    micrographSigmaA: found.groupSigmaA,
  };
}
