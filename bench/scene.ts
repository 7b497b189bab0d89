import { CTF_OPTICS_FIELDS } from "../src/device/ops/ctf.ts";
import type { ImageSetArgs, PointSetArgs, ReferenceArgs } from "../src/device/ops/image-set.ts";
import type { Device } from "../src/device/types.ts";
import { makeBand } from "../src/geometry/band.ts";
import { fourierBoxFor } from "../src/geometry/fourier-box.ts";
import { multiplyInto, normaliseInto, uniformRotationInto } from "../src/geometry/quaternion.ts";
import { makeOwner, makeUniform, normals } from "./case.ts";

export const BOX_PX = 64;
export const PADDING = 2;
/** Spread of each image's cloud: what a refinement ends with. */
const CLOUD_SPREAD_RAD = 0.04;

/** Images of noise with CTFs on all shells of a 64 px box, and a reference of noise: kernels do not care what they compare. */
export function makeScene(device: Device, imageCount: number) {
  const owner = makeOwner(device);
  const maxShell = BOX_PX / 2;
  const band = makeBand(BOX_PX, maxShell);
  const box = fourierBoxFor(maxShell, PADDING);
  const next = makeUniform(17);
  const optics = new Float64Array(CTF_OPTICS_FIELDS * imageCount);
  for (let i = 0; i < imageCount; i++) {
    const defocusA = 10_000 + 20_000 * next();
    optics.set([defocusA, defocusA - 500 * next(), 3 * next(), 3e5, 2.7e7, 0.1, 0, 5], CTF_OPTICS_FIELDS * i);
  }
  const images: ImageSetArgs = {
    boxPx: BOX_PX,
    bandKx: owner.upload(band.kx),
    bandKy: owner.upload(band.ky),
    bandShell: owner.upload(band.shell),
    bandPixelCount: band.pixelCount,
    imageCount,
    images: owner.upload(normals(2 * imageCount * band.pixelCount, 1)),
    ctf: owner.allocate("f32", imageCount * band.pixelCount),
    inverseSigma2: owner.upload(new Float32Array(maxShell + 1).fill(1)),
    shellCount: maxShell + 1,
    group: owner.upload(new Int32Array(imageCount)),
    scale: owner.upload(new Float32Array(imageCount).fill(1)),
  };
  device.ctf({ ...images, optics: owner.upload(optics), out: images.ctf! });
  const reference: ReferenceArgs = {
    volume: owner.upload(normals(2 * box.voxelCount, 2, 0.2)),
    volumeRadiusPx: box.radiusPx,
    paddingFactor: PADDING,
    maxShell,
  };
  return { band, box, maxShell, images, reference, ...owner };
}

/** A cloud of `rotations` × `shifts` points for each image, around an orientation of its own. */
export function makePoints(device: Device, imageCount: number, rotations: number, shifts: number) {
  const owner = makeOwner(device);
  const next = makeUniform(23);
  const quaternions = new Float32Array(4 * imageCount * rotations);
  const centre = new Float64Array(4);
  const q = new Float64Array(4);
  for (let i = 0; i < imageCount * rotations; i++) {
    if (i % rotations === 0) uniformRotationInto(centre, 0, next(), next(), next());
    q.set([1, 0, 0, 0]);
    for (let c = 1; c < 4; c++) q[c] = CLOUD_SPREAD_RAD * (next() - 0.5);
    normaliseInto(q, 0, q, 0);
    multiplyInto(q, 0, centre, 0, q, 0);
    quaternions.set(q, 4 * i);
  }
  const points: PointSetArgs = {
    active: owner.upload(Int32Array.from({ length: imageCount }, (_, i) => i)),
    activeCount: imageCount,
    rotationsPerImage: rotations,
    shiftsPerRotation: shifts,
    rotations: owner.upload(quaternions),
    shiftsPx: owner.upload(normals(2 * imageCount * rotations * shifts, 3, 0.5)),
  };
  return { points, quaternions, ...owner };
}
