// Spoils images of a simulated set in place: stack, and the columns of particles.star that describe the image.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const stackOf = (library, folder) => library.readMrc(join(folder, "particles.mrcs"));
const isRow = (line) => /^\d+@/.test(line);

/** The given rows take image, defocus and micrograph of the same row of another set. */
export function replaceImages(library, folder, other, rows) {
  const [mine, theirs] = [stackOf(library, folder), stackOf(library, other)];
  const size = mine.nx * mine.ny;
  for (const row of rows) mine.data.set(theirs.data.subarray(row * size, (row + 1) * size), row * size);
  writeStack(library, folder, mine);
  const replacement = readFileSync(join(other, "particles.star"), "utf8").split("\n").filter(isRow);
  const chosen = new Set(rows);
  let row = -1;
  const lines = readFileSync(join(folder, "particles.star"), "utf8").split("\n");
  const text = lines.map((line) => {
    if (!isRow(line)) return line;
    row++;
    return chosen.has(row) ? replacement[row] : line;
  });
  writeFileSync(join(folder, "particles.star"), text.join("\n"));
}

/**
 * The given rows get a second particle: clean projection i (no transfer function, in units of `factor` × the set's noise)
 * under the transfer function of the row that it is added to.
 */
export function addSecondParticles(library, folder, clean, rows, factor) {
  const [mine, second] = [stackOf(library, folder), stackOf(library, clean)];
  const { optics, particles } = library.readStar(join(folder, "particles.star"));
  const size = mine.nx * mine.ny;
  rows.forEach((row, i) => {
    const image = second.data.subarray(i * size, (i + 1) * size);
    const seen = throughCtf(library, image, mine.nx, mine.pixelSizeA, optics.rows[0], particles.rows[row]);
    for (let k = 0; k < size; k++) mine.data[row * size + k] += factor * seen[k];
  });
  writeStack(library, folder, mine);
}

function throughCtf(library, image, boxPx, pixelSizeA, optics, particle) {
  const voltageV = optics.rlnVoltage * 1e3;
  const wavelengthA = 12.2643247 / Math.sqrt(voltageV * (1 + 0.978466e-6 * voltageV));
  const csA = optics.rlnSphericalAberration * 1e7;
  const { rlnDefocusU: u, rlnDefocusV: v, rlnDefocusAngle: angleDeg } = particle;
  const transform = library.fftN(image, [boxPx, boxPx]);
  const signed = (i) => (i > boxPx / 2 ? i - boxPx : i);
  for (let y = 0, k = 0; y < boxPx; y++) {
    for (let x = 0; x < boxPx; x++, k++) {
      const s2 = (signed(x) ** 2 + signed(y) ** 2) / (boxPx * pixelSizeA) ** 2;
      const angleRad = Math.atan2(signed(y), signed(x)) - (angleDeg * Math.PI) / 180;
      const defocusA = (u + v) / 2 + ((u - v) / 2) * Math.cos(2 * angleRad);
      const phaseRad = Math.PI * wavelengthA * defocusA * s2 - (Math.PI / 2) * csA * wavelengthA ** 3 * s2 * s2;
      const ctf = Math.sin(phaseRad + Math.asin(optics.rlnAmplitudeContrast));
      transform.re[k] *= ctf;
      transform.im[k] *= ctf;
    }
  }
  return library.fftN(transform.re, [boxPx, boxPx], true, transform.im).re;
}

function writeStack(library, folder, stack) {
  const { nx, ny, nz, data } = stack;
  library.writeMrc(join(folder, "particles.mrcs"), { nx, ny, nz, data, pixelSizeA: stack.pixelSizeA, stack: true });
}
