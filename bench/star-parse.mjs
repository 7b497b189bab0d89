// Time to read a large STAR file: index it, parse its number columns, intern its names, write it again.
// Usage: node bench/star-parse.mjs [rows]
import { parseStar } from "../dist/io/star/parse.js";
import { encodeStar } from "../dist/io/star/write.js";
import { particlesFromStar } from "../dist/particles/from-star.js";

const rowCount = Number(process.argv[2] ?? 1_000_000);
const labels = ["CoordinateX", "CoordinateY", "ImageName", "MicrographName", "OpticsGroup", "DefocusU", "DefocusV"];
labels.push("DefocusAngle", "AngleRot", "AngleTilt", "AnglePsi", "OriginXAngst", "OriginYAngst", "RandomSubset");

function makeFile() {
  const optics =
    "data_optics\n\nloop_\n_rlnOpticsGroup #1\n_rlnVoltage #2\n_rlnSphericalAberration #3\n_rlnAmplitudeContrast #4\n" +
    "_rlnImagePixelSize #5\n_rlnImageSize #6\n1 300 2.7 0.1 1.06 256\n\n";
  const parts = [`${optics}data_particles\n\nloop_\n${labels.map((label, i) => `_rln${label} #${i + 1}\n`).join("")}`];
  for (let row = 0; row < rowCount; row++) {
    const micrograph = Math.floor(row / 250);
    const image = String((row % 250) + 1).padStart(6, "0");
    const angle = (row * 0.618034) % 360;
    parts.push(
      ` ${(1000 + (row % 3000)).toFixed(6)}  ${(2000 + (row % 1700)).toFixed(6)} ` +
        `${image}@Extract/job019/Movies/mic_${micrograph}.mrcs MotionCorr/job002/Movies/mic_${micrograph}.mrc            1 ` +
        `${(12000 + angle * 20).toFixed(6)} ${(11800 + angle * 20).toFixed(6)}    ${angle.toFixed(6)}   ` +
        `${(angle - 180).toFixed(6)}    ${(angle / 2).toFixed(6)}   ${(180 - angle).toFixed(6)}     ` +
        `${(angle / 100).toFixed(6)}    ${(-angle / 100).toFixed(6)}            ${(row % 2) + 1}\n`,
    );
  }
  return Buffer.from(parts.join(""));
}

function timed(what, run) {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const result = run();
  const wallS = (performance.now() - start) / 1000;
  const cpuS = process.cpuUsage(cpu).user / 1e6;
  console.log(`${what.padEnd(30)} ${wallS.toFixed(2)} s wall, ${cpuS.toFixed(2)} s CPU`);
  return result;
}

const bytes = makeFile();
console.log(`${rowCount} rows, ${labels.length} columns, ${(bytes.length / 1e6).toFixed(0)} MB`);
const document = timed("index every field", () => parseStar(bytes, "particles.star"));
timed("particle table (all columns)", () => particlesFromStar(document));
timed("write again", () => {
  let written = 0;
  for (const chunk of encodeStar(document)) written += chunk.length;
  return written;
});
