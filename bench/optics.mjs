// Optics beyond defocus as whole blind refinements: the same particles without aberrations, with them (told and not told of them), and not told of
// the beam tilt alone; there `beamtilt` is held against the truth.
// usage: node bench/optics.mjs [--seed N] [--particles N] [--threads N] [--folder FOLDER]
//   --folder  where sets and runs lie; what is there already is used, not made again
//
// The sharpened ribosome at 80 px of 2 Å, SNR 0.2, 0.5–1.5 µm; beam tilt 1.5, −1 mrad, trefoil, 4-fold astigmatism, magnification +2 % and −1.5 %.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dist } from "./dist.mjs";
import { DEFAULT_MAP } from "./generated-sets.mjs";
import { writeResult } from "./machine-record.mjs";
import { scoreAgainstTruth } from "./truth-score.mjs";

const [BOX_PX, PIXEL_A] = [80, 2];
const TILT_MRAD = [1.5, -1];
const TILT = ["rlnBeamTiltX", "rlnBeamTiltY"];
const REST = ["rlnOddZernike", "rlnEvenZernike", "rlnMagMat00", "rlnMagMat01", "rlnMagMat10", "rlnMagMat11"];
const OPTICS = {
  rlnOpticsGroupName: "aberrated",
  rlnOpticsGroup: 1,
  rlnVoltage: 300,
  rlnSphericalAberration: 2.7,
  rlnAmplitudeContrast: 0.1,
  rlnImagePixelSize: PIXEL_A,
  rlnImageSize: BOX_PX,
  rlnBeamTiltX: TILT_MRAD[0],
  rlnBeamTiltY: TILT_MRAD[1],
  rlnOddZernike: "[0,0,40,0,0,-30]",
  rlnEvenZernike: "[0,0,0,0,120,0,0,0,-90]",
  rlnMagMat00: 1.02,
  rlnMagMat01: 0.004,
  rlnMagMat10: 0.004,
  rlnMagMat11: 0.985,
};
const RUN = { maskDiameterA: 150, initialResolutionA: 24 };

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    particles: { type: "string", default: "1500" },
    threads: { type: "string", default: "2" },
    folder: { type: "string" },
  },
});
const [seed, threads, particleCount] = [Number(values.seed), Number(values.threads), Number(values.particles)];
const folder = values.folder ?? join(tmpdir(), `vitreous-optics-${process.pid}`);
const load = (path) => import(new URL(path, dist).href);
const { beamtilt, refine, simulate } = await load("index.js");
const { readMapFile, writeMapFile } = await load("io/node/map-file.js");
const { readStarFile, writeStarFileAtomic } = await load("io/node/star-file.js");
const { withTable } = await load("io/star/document.js");
const quiet = () => ({ signal: new AbortController().signal, log: { event() {} } });

/** The map in a box of 80 px, its voxels taken as 2 Å. */
function makeMap(path) {
  const { data, sizeX } = readMapFile(DEFAULT_MAP);
  const out = new Float32Array(BOX_PX ** 3);
  const first = (BOX_PX - sizeX) / 2;
  for (let row = 0; row < sizeX * sizeX; row++) {
    const [y, z] = [(row % sizeX) + first, Math.floor(row / sizeX) + first];
    out.set(data.subarray(row * sizeX, (row + 1) * sizeX), (z * BOX_PX + y) * BOX_PX + first);
  }
  writeMapFile(path, { sizeX: BOX_PX, sizeY: BOX_PX, sizeZ: BOX_PX, pixelSizeA: PIXEL_A, data: out });
}

async function makeSet(name, opticsFile) {
  const out = join(folder, name);
  const options = { snr: 0.2, shiftSdA: 4, seed, defocusRangeA: [5000, 15_000], referenceResolutionA: 24 };
  if (!existsSync(join(out, "particles.star"))) {
    const input = { map: join(folder, "map.mrc"), out, particleCount, threads, ...options };
    await simulate(opticsFile ? { ...input, opticsFile } : input, quiet());
  }
  return out;
}

/** The set's particle file without some columns of its optics table. */
function without(set, columns, name) {
  const document = readStarFile(join(set, "particles.star"));
  const block = document.blocks.find((candidate) => candidate.name === "optics");
  const path = join(set, name);
  writeStarFileAtomic(path, withTable(document, block, block.table.withoutColumns(columns)));
  return path;
}

async function refined(name, set, particles) {
  const out = join(folder, name);
  const record = join(folder, `${name}.json`);
  if (!existsSync(record)) {
    rmSync(out, { recursive: true, force: true });
    const log = {
      event(event, { round, stage, radiusShell, resolution0143A, elapsedMs }) {
        if (event !== "round.done") return;
        console.error(
          `${name} round ${round} ${stage} shell ${radiusShell} ${resolution0143A.toFixed(2)} Å ${(elapsedMs / 1000).toFixed(0)} s`,
        );
      },
    };
    const input = { particles, reference: join(set, "reference.mrc"), out, threads, seed, ...RUN };
    const { rounds, resolutionA, unmaskedResolutionA } = await refine(input, { ...quiet(), log });
    writeFileSync(record, JSON.stringify({ rounds, resolutionA, unmaskedResolutionA }));
  }
  const files = { map: join(out, "run_class001.mrc"), poses: join(out, "run_data.star") };
  const truth = { map: join(set, "truth.mrc"), poses: join(set, "truth.star") };
  const { map, poses } = scoreAgainstTruth("vitreous", files, truth);
  return { name, out, ...JSON.parse(readFileSync(record, "utf8")), map, poses };
}

mkdirSync(folder, { recursive: true });
makeMap(join(folder, "map.mrc"));
const optics = join(folder, "optics.star");
const labels = Object.keys(OPTICS);
writeFileSync(
  optics,
  `data_optics\n\nloop_\n${labels.map((label) => `_${label}`).join("\n")}\n${Object.values(OPTICS).join(" ")}\n`,
);
const plain = await makeSet("plain", null);
const bent = await makeSet("bent", optics);
const runs = [
  await refined("no aberrations", plain, join(plain, "particles.star")),
  await refined("aberrations, applied", bent, join(bent, "particles.star")),
  await refined("aberrations, ignored", bent, without(bent, [...TILT, ...REST], "ignored.star")),
  await refined("beam tilt ignored", bent, without(bent, TILT, "untilted.star")),
];
const told = join(bent, "tilt-found.star");
const { groups } = await beamtilt({ folder: runs[3].out, out: told, threads }, quiet());
const tilt = { truthMrad: TILT_MRAD, ...groups[0] };
const sigmas = [(tilt.xMrad - TILT_MRAD[0]) / tilt.xErrorMrad, (tilt.yMrad - TILT_MRAD[1]) / tilt.yErrorMrad];
const rows = runs.map(({ out: _, ...run }) => run);
console.log(JSON.stringify({ rows, tilt, sigmas }, null, 1));
const set = { boxPx: BOX_PX, pixelSizeA: PIXEL_A, particleCount, snr: 0.2, defocusA: [5000, 15_000], optics: OPTICS };
console.log(
  writeResult(`optics-seed${seed}`, {
    seed,
    set,
    run: RUN,
    rows,
    beamTilt: { ...tilt, errorsInStandardErrors: sigmas },
  }),
);
if (!values.folder) rmSync(folder, { recursive: true, force: true });
process.exit(0);
