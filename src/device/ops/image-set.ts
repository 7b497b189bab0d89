import type { DeviceBuffer } from "../buffer.ts";

/** The half-plane Fourier pixels of one image, ordered by shell (geometry/band.ts), on the device. */
export interface BandArgs {
  readonly boxPx: number;
  /** i32 [pixelCount] */
  readonly bandKx: DeviceBuffer;
  /** i32 [pixelCount] */
  readonly bandKy: DeviceBuffer;
  /** i32 [pixelCount] */
  readonly bandShell: DeviceBuffer;
  /** Pixels of the band = row length of every image plane. */
  readonly bandPixelCount: number;
}

/** A batch of images in Fourier space with all that the image model needs. */
export interface ImageSetArgs extends BandArgs {
  readonly imageCount: number;
  /** f32 [imageCount][2][bandPixelCount]: real plane, then imaginary plane; phase origin at the box centre. */
  readonly images: DeviceBuffer;
  /** f32 [imageCount][bandPixelCount]; null: CTF = 1. */
  readonly ctf: DeviceBuffer | null;
  /** f32 [groupCount][shellCount]: 1/σ², σ² the noise variance per real component; shells beyond the table are not used. */
  readonly inverseSigma2: DeviceBuffer;
  readonly shellCount: number;
  /** i32 [imageCount]: row of `inverseSigma2`. */
  readonly group: DeviceBuffer;
  /** f32 [imageCount]: multiplies the reference (C·S becomes scale·C·S). */
  readonly scale: DeviceBuffer;
}

/** A reference in Fourier space: compact half-complex box (geometry/fourier-box.ts), interleaved complex f32. */
export interface ReferenceArgs {
  /** f32 [sizeZ][sizeY][sizeX][2], sizeX = R+2, sizeY = sizeZ = 2R+3. */
  readonly volume: DeviceBuffer;
  /** R, in padded voxels. */
  readonly volumeRadiusPx: number;
  readonly paddingFactor: number;
  /** Pixels with |k| · paddingFactor > R, or shell > this, project to 0. */
  readonly maxShell: number;
}

/** Joint (orientation, shift) support points of a batch of images. */
export interface PointSetArgs {
  /** i32 [activeCount]: which image of the image set each row of points belongs to. */
  readonly active: DeviceBuffer;
  readonly activeCount: number;
  readonly rotationsPerImage: number;
  readonly shiftsPerRotation: number;
  /** f32 [activeCount][rotationsPerImage][4]: unit quaternions w,x,y,z (image axes → volume axes). */
  readonly rotations: DeviceBuffer;
  /** f32 [activeCount][rotationsPerImage][shiftsPerRotation][2]: displacement of the particle from the centre, px. */
  readonly shiftsPx: DeviceBuffer;
}
