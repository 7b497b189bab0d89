// RMS error of the defocus before and after a run, and of the oracle: the same search with the true map and the true poses.
// usage: node bench/defocus.mjs DATA_FOLDER RUN_DATA.star NOISE_SD
//   DATA_FOLDER  as ../shared/tools/simulate.mjs writes it (particles.star, truth.star, truth.mrc); NOISE_SD is what it prints
import { join } from "node:path";
import { dist } from "./dist.mjs";

const load = (path) => import(`${dist}${path}.js`);
const [folder, found, noiseText] = process.argv.slice(2);
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

const truth = particlesFromStar(readStarFile(join(folder, "truth.star")));
const given = particlesFromStar(readStarFile(join(folder, "particles.star")));
const mean = (table) => Float64Array.from(table.defocusUA, (u, p) => (u + table.defocusVA[p]) / 2);
const rms = (values) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
const error = (z) => rms(mean(truth).map((t, p) => z[p] - t));
const before = error(mean(given));
console.log(`before   ${before.toFixed(1)} Å`);
if (found !== "none") {
  const after = error(mean(particlesFromStar(readStarFile(found))));
  console.log(`after    ${after.toFixed(1)} Å`);
}

const source = openImageSource(given, { files: nodeFiles, metadataPath: join(folder, "particles.star") });
const { boxPx, pixelSizeA } = source;
const n = given.count;
const device = openDevice();
const band = uploadBand(device, makeBand(boxPx, boxPx / 2));
const shellCount = boxPx / 2 + 1;
const flat = new Float64Array(shellCount).fill((boxPx * boxPx) / 2);
const model = {
  ...{ boxPx, pixelSizeA, shellCount, optics: opticsRows(given, pixelSizeA) },
  ...{ gain: new Float32Array(n).fill(1), scale: new Float32Array(n).fill(1 / Number(noiseText)) },
  ...{ noiseGroup: new Int32Array(n), noiseGroupCount: 1, sigma2: [flat, flat] },
  ...{ recentrePx: new Int32Array(2 * n), key: new Uint32Array(2 * n) },
};
const reference = makeReference(device, readMapFile(join(folder, "truth.mrc")).data, boxPx, 2, boxPx / 2);
const grid = makeDefocusGrid(1000, 20);
const curves = new Float32Array(n * grid.count);
const BATCH = 256;
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
const oracle = estimateDefocus(curves, grid, given.micrograph, given.micrographNames.length, new Uint8Array(n).fill(1));
console.log(`oracle   ${error(mean(given).map((z, p) => z + oracle.meanA[p])).toFixed(1)} Å  (true map, true poses)`);
console.log(
  `         σ particle ${oracle.particleSigmaA.toFixed(0)} Å, micrograph ${oracle.groupSigmaA.toFixed(0)} Å, posterior sd ${rms(oracle.sdA).toFixed(1)} Å`,
);
device.close();
source.close();
