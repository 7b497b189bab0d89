/** What a known column holds. `real` and `integer` are numbers; `text` is kept as written. */
export type LabelKind = "real" | "integer" | "text";

export interface LabelMeaning {
  readonly kind: LabelKind;
  /** Unit in the file (degrees, kV, mm …); inside the program angles are radians. Empty = dimensionless. */
  readonly unit: string;
}

const real = (unit = ""): LabelMeaning => ({ kind: "real", unit });
const integer: LabelMeaning = { kind: "integer", unit: "" };
const text: LabelMeaning = { kind: "text", unit: "" };

/** Columns that the program reads or writes, without the leading underscore. Others pass through untouched. */
export const STAR_LABELS: Readonly<Record<string, LabelMeaning>> = {
  rlnOpticsGroup: integer,
  rlnOpticsGroupName: text,
  rlnVoltage: real("kV"),
  rlnSphericalAberration: real("mm"),
  rlnAmplitudeContrast: real(),
  rlnImagePixelSize: real("Å"),
  rlnMicrographPixelSize: real("Å"),
  rlnMicrographOriginalPixelSize: real("Å"),
  rlnImageSize: integer,
  rlnImageDimensionality: integer,
  rlnBeamTiltX: real("mrad"),
  rlnBeamTiltY: real("mrad"),
  rlnOddZernike: text,
  rlnEvenZernike: text,
  rlnMagMat00: real(),
  rlnMagMat01: real(),
  rlnMagMat10: real(),
  rlnMagMat11: real(),
  rlnMtfFileName: text,
  rlnCtfDataAreCtfPremultiplied: integer,
  rlnImageName: text,
  rlnImageOriginalName: text,
  rlnMicrographName: text,
  rlnCoordinateX: real("px of the micrograph"),
  rlnCoordinateY: real("px of the micrograph"),
  rlnMagnification: real(),
  rlnDetectorPixelSize: real("µm"),
  rlnDefocusU: real("Å"),
  rlnDefocusV: real("Å"),
  rlnDefocusAngle: real("degrees"),
  rlnPhaseShift: real("degrees"),
  rlnCtfBfactor: real("Å²"),
  rlnCtfScalefactor: real(),
  rlnAngleRot: real("degrees"),
  rlnAngleTilt: real("degrees"),
  rlnAnglePsi: real("degrees"),
  rlnOriginX: real("px"),
  rlnOriginY: real("px"),
  rlnOriginXAngst: real("Å"),
  rlnOriginYAngst: real("Å"),
  rlnClassNumber: integer,
  rlnGroupNumber: integer,
  rlnGroupName: text,
  rlnNormCorrection: real(),
  rlnRandomSubset: integer,
  rlnLogLikeliContribution: real(),
  rlnMaxValueProbDistribution: real(),
  rlnNrOfSignificantSamples: integer,
  rlnHelicalTubeID: integer,
  /** Probability that the image shows the particle at all, 0–1. */
  vitGoodProbability: real(),
  /** −1 where the stored images have dark particles and are multiplied by −1 on reading. */
  vitImageSign: integer,
};

/** Meaning of a label; unknown labels are text. */
export function labelMeaning(label: string): LabelMeaning {
  return Object.hasOwn(STAR_LABELS, label) ? (STAR_LABELS[label] as LabelMeaning) : text;
}
