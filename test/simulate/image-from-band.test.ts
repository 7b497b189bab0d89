import { expect, test } from "vitest";
import { makeBand } from "../../src/geometry/band.ts";
import { FourierLine } from "../../src/simulate/fourier-line.ts";
import { ImageFromBand } from "../../src/simulate/image-from-band.ts";

/** 1e-12: double precision over at most 60 terms. */
const DOUBLE = 1e-12;
/** 1e-6: float32 pixels of order 1. */
const SINGLE = 1e-6;

test.each([1, 2, 7, 12, 13, 36, 60])("the inverse transform of a line of %i samples is the plain sum", (length) => {
  const line = new FourierLine(length);
  const re = Array.from({ length }, (_, j) => Math.sin(3 * j + 1));
  const im = Array.from({ length }, (_, j) => Math.cos(5 * j * j));
  line.re.set(re);
  line.im.set(im);
  line.transform();
  for (let x = 0; x < length; x++) {
    let sumRe = 0;
    let sumIm = 0;
    for (let k = 0; k < length; k++) {
      const phaseRad = (2 * Math.PI * k * x) / length;
      sumRe += re[k]! * Math.cos(phaseRad) - im[k]! * Math.sin(phaseRad);
      sumIm += re[k]! * Math.sin(phaseRad) + im[k]! * Math.cos(phaseRad);
    }
    expect(Math.abs(line.re[x]! - sumRe)).toBeLessThan(DOUBLE * length);
    expect(Math.abs(line.im[x]! - sumIm)).toBeLessThan(DOUBLE * length);
  }
});

test("a band of ones is the band-limited point at the centre pixel", () => {
  const boxPx = 20;
  const band = makeBand(boxPx, boxPx / 2);
  const image = new Float32Array(boxPx * boxPx);
  new ImageFromBand(band).imageInto(
    image,
    0,
    new Float32Array(band.pixelCount).fill(1),
    new Float32Array(band.pixelCount),
    0,
  );
  // Friedel pairs count twice, DC once.
  expect(image[(boxPx / 2) * boxPx + boxPx / 2]).toBeCloseTo((2 * band.pixelCount - 1) / boxPx ** 2, 6);
  expect(image.indexOf(Math.max(...image))).toBe((boxPx / 2) * boxPx + boxPx / 2);
});

test("a wave of the band is the cosine with the same phase", () => {
  const boxPx = 18;
  const band = makeBand(boxPx, boxPx / 2);
  const pixel = Array.from(band.kx).findIndex((kx, i) => kx === 2 && band.ky[i] === -3);
  const re = new Float32Array(band.pixelCount);
  const im = new Float32Array(band.pixelCount);
  [re[pixel], im[pixel]] = [0.6 * boxPx ** 2, 0.8 * boxPx ** 2];
  const image = new Float32Array(boxPx * boxPx);
  new ImageFromBand(band).imageInto(image, 0, re, im, 0);
  for (let y = 0; y < boxPx; y++) {
    for (let x = 0; x < boxPx; x++) {
      const angleRad = (2 * Math.PI * (2 * (x - boxPx / 2) - 3 * (y - boxPx / 2))) / boxPx;
      const wanted = 2 * (0.6 * Math.cos(angleRad) - 0.8 * Math.sin(angleRad));
      expect(Math.abs(image[y * boxPx + x]! - wanted)).toBeLessThan(SINGLE * 2);
    }
  }
});
