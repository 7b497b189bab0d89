// Do the figures of anisotropy see missing views? The ribosome set with its true poses, the same number of particles each time:
// all views, side views only, and views near one axis only, which leave a cone of Fourier space empty. Few enough for the side views to be had.
// Usage: node bench/missing-views.mjs [folder with truth.star and particles.mrcs]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { postprocess, reconstruct, silentLog } from "../dist/index.js";
import { readStarFile, writeStarFileAtomic } from "../dist/io/node/star-file.js";
import { withTable } from "../dist/io/star/document.js";
import { writeResult } from "./machine-record.mjs";

const data = process.argv[2] ?? fileURLToPath(new URL("../../shared/data/ribosome-64", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "vitreous-views-"));
const context = { signal: new AbortController().signal, log: silentLog };
const document = readStarFile(join(data, "truth.star"));
const block = document.blocks.find(({ table }) => table.has("rlnImageName"));
const cosine = Array.from(block.table.numbers("rlnAngleTilt"), (tiltDeg) => Math.cos((tiltDeg * Math.PI) / 180));
const cosineOf = (deg) => Math.cos((deg * Math.PI) / 180);

const sets = [
  { name: "all views", isIn: () => true },
  { name: "side views (tilt within 25° of 90°)", isIn: (c) => Math.abs(c) < cosineOf(65) },
  { name: "tilt below 50° (a cone of ±40° about z empty)", isIn: (c) => Math.abs(c) > cosineOf(50) },
];

/** The first `count` particles of a set, spread over the file. */
function subset({ name, isIn }, count) {
  const rows = [...cosine.keys()].filter((row) => isIn(cosine[row]));
  const kept = Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)]);
  const path = join(folder, `${name.replaceAll(/\W+/g, "-")}.star`);
  writeStarFileAtomic(path, withTable(document, block, block.table.selectRows(kept)));
  return path;
}

try {
  const count = Math.min(...sets.map(({ isIn }) => cosine.filter((c) => isIn(c)).length));
  const rows = [];
  for (const set of sets) {
    const particles = subset(set, count);
    const out = particles.replace(/\.star$/, "");
    await reconstruct({ particles, out, particleRoot: data, maskDiameterA: 300 }, context);
    const { anisotropy, orientations, resolution } = await postprocess(
      {
        half1: `${out}_half1.mrc`,
        half2: `${out}_half2.mrc`,
        particles,
        out: `${out}-post`,
        mask: "sphere",
        maskDiameterA: 300,
        fitFromA: 20,
        skipLocalResolution: true,
      },
      context,
    );
    const row = {
      set: set.name,
      particles: count,
      areaRatio: anisotropy.areaRatio,
      samplingCompensation: orientations.samplingCompensation,
      unsampledShare: orientations.unsampledShare,
      resolutionA: resolution.resolutionA,
      finestA: anisotropy.finestA,
      coarsestA: anisotropy.coarsestA,
    };
    rows.push(row);
    console.log(
      `${row.set.padEnd(48)} ${row.particles} particles  area ratio ${row.areaRatio.toFixed(2)}  sampling ${row.samplingCompensation.toFixed(3)}  ` +
        `unsampled ${(100 * row.unsampledShare).toFixed(1)} %  ${row.resolutionA.toFixed(1)} Å, by direction ${row.finestA.toFixed(1)} to ${row.coarsestA.toFixed(1)} Å`,
    );
  }
  console.log(writeResult("missing-views", { data: "ribosome-64, true poses", rows }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
