// Reconstruction from given poses against relion_reconstruct, on the same images: FSC and amplitude ratio per shell.
// Usage: node bench/reconstruct-vs-relion.mjs [folder with apo_dev_relion_poses.star and apo_dev_64_f16.mrcs]
//
// RELION 3.1 does not read float16: it gets the images converted to float32, Vitreous the file as it is.
// Criterion to 8 Å: FSC ≥ 0.99 and amplitude ratio 1 ± 0.03 after one global factor, with O and with C1, for the same way of
// weighting on both sides: 1/T, or ten rounds of the gridding loop. RELION blanks the corners of its map; so both maps are
// compared inside a soft sphere that just fits the box, their mean there taken off. The unlike pairs are printed to show
// how much the weighting matters where few particles were inserted.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDevice } from "../dist/device/open.js";
import { openStack } from "../dist/io/mrc/stack.js";
import { openFile } from "../dist/io/node/file-reader.js";
import { readMapFile, writeMapFile } from "../dist/io/node/map-file.js";
import { deviceFft3 } from "../dist/map/device-fft3.js";
import { fscFromTransforms } from "../dist/map/fsc.js";
import { radialSpectrum } from "../dist/map/spectra.js";
import { reconstruct } from "../dist/refine/reconstruct.js";
import { firstLine, writeResult } from "./machine-record.mjs";

const FSC_LIMIT = 0.99;
const RATIO_LIMIT = 0.03;
const LIMIT_A = 8;

const data = process.argv[2] ?? fileURLToPath(new URL("../../shared/data/apoferritin-dev", import.meta.url));
const particles = join(data, "apo_dev_relion_poses.star");
const folder = mkdtempSync(join(tmpdir(), "vitreous-reconstruct-"));

/** The same particles with a float32 stack, for RELION. */
function float32Copy() {
  const stack = openStack(openFile(join(data, "apo_dev_64_f16.mrcs")));
  const pixels = new Float32Array(stack.count * stack.sizeX * stack.sizeY);
  stack.readSlicesInto(pixels, 0, stack.count);
  stack.close();
  const size = { sizeX: stack.sizeX, sizeY: stack.sizeY, sizeZ: stack.count, pixelSizeA: stack.pixelSizeA || 3 };
  writeMapFile(join(folder, "images.mrcs"), { ...size, data: pixels }, { isVolume: false });
  writeFileSync(
    join(folder, "images.star"),
    readFileSync(particles, "utf8").replaceAll("apo_dev_64_f16.mrcs", "images.mrcs"),
  );
}

function relionMap(symmetry, extra) {
  const args = [
    "--i",
    "images.star",
    "--o",
    "relion.mrc",
    "--ctf",
    "--sym",
    symmetry,
    "--pad",
    "2",
    "--angpix",
    "3",
    ...extra,
  ];
  const start = performance.now();
  execFileSync("relion_reconstruct", args, { cwd: folder, stdio: "ignore" });
  return {
    map: readMapFile(join(folder, "relion.mrc")),
    seconds: (performance.now() - start) / 1000,
    command: `relion_reconstruct ${args.join(" ")}`,
  };
}

async function vitreousMap(symmetry, griddingIterations) {
  const start = performance.now();
  const log = { event() {} };
  const out = join(folder, "vitreous");
  await reconstruct({ particles, out, symmetry, griddingIterations }, { signal: new AbortController().signal, log });
  return { map: readMapFile(`${out}.mrc`), seconds: (performance.now() - start) / 1000 };
}

const device = openDevice({ kind: "cpu" });
const fft = deviceFft3(device);

/** A soft sphere of almost the box, the mean inside taken off. */
function insideSphere({ data, sizeX: n }) {
  const radius = n / 2 - 3;
  const distance = (i) => Math.hypot((i % n) - n / 2, (Math.floor(i / n) % n) - n / 2, Math.floor(i / n ** 2) - n / 2);
  const inside = data.filter((_, i) => distance(i) < radius);
  const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length;
  return data.map((value, i) => {
    const t = Math.min(Math.max((distance(i) - radius) / 3, 0), 1);
    return (value - mean) * (0.5 + 0.5 * Math.cos(Math.PI * t));
  });
}

/** Per shell to the limit: FSC, and ratio of root mean powers divided by one factor for all shells. */
async function comparison(ours, theirs) {
  const n = ours.sizeX;
  const [a, b] = [await fft.forward(insideSphere(ours), n), await fft.forward(insideSphere(theirs), n)];
  const fsc = fscFromTransforms(a, b, n);
  const [pa, pb] = [radialSpectrum(a, n).power, radialSpectrum(b, n).power];
  const last = Math.floor((n * theirs.pixelSizeA) / LIMIT_A);
  const shells = Array.from({ length: last }, (_, i) => i + 1);
  const logs = shells.map((s) => 0.5 * Math.log(pa[s] / pb[s]));
  const factor = Math.exp(logs.reduce((sum, value) => sum + value, 0) / logs.length);
  const ratio = logs.map((value) => Math.exp(value) / factor);
  return {
    factor,
    lowestFsc: Math.min(...shells.map((s) => fsc[s])),
    largestDeviation: Math.max(...ratio.map((r) => Math.abs(r - 1))),
    shells: shells.map((s, i) => ({
      shell: s,
      resolutionA: (n * theirs.pixelSizeA) / s,
      fsc: fsc[s],
      ratio: ratio[i],
    })),
  };
}

const rows = [];
try {
  float32Copy();
  for (const symmetry of ["C1", "O"]) {
    const peers = [relionMap(symmetry, []), relionMap(symmetry, ["--skip_gridding"])];
    for (const griddingIterations of [0, 10]) {
      const ours = await vitreousMap(symmetry, griddingIterations);
      for (const peer of peers) {
        const found = await comparison(ours.map, peer.map);
        const isLike = peer.command.includes("--skip_gridding") === (griddingIterations === 0);
        const passes = found.lowestFsc >= FSC_LIMIT && found.largestDeviation <= RATIO_LIMIT;
        rows.push({
          symmetry,
          griddingIterations,
          relion: peer.command,
          passes,
          seconds: ours.seconds,
          relionSeconds: peer.seconds,
          ...found,
        });
        const name = peer.command.includes("skip") ? "relion --skip_gridding" : "relion";
        console.log(
          `${symmetry.padEnd(3)} gridding ${String(griddingIterations).padStart(2)} / ${name.padEnd(22)} lowest FSC ${found.lowestFsc.toFixed(4)}  ` +
            `ratio 1 ± ${found.largestDeviation.toFixed(4)}  factor ${found.factor.toPrecision(4)}  ${isLike ? (passes ? "passes" : "FAILS") : "(unlike)"}`,
        );
      }
    }
  }
  console.log(
    writeResult("reconstruct-vs-relion", {
      limitA: LIMIT_A,
      relion: firstLine("relion_reconstruct", ["--version"]),
      rows,
    }),
  );
} finally {
  device.close();
  rmSync(folder, { recursive: true, force: true });
}
