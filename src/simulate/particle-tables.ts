import { quaternionToEuler } from "../geometry/euler.ts";
import { type StarDocument, starBlock } from "../io/star/document.ts";
import { makeStarTable, type StarColumnData } from "../io/star/table.ts";
import type { Aberrations } from "../optics/aberrations.ts";
import type { SimulateOptions } from "../options/simulate-options.ts";
import { aberrationColumns } from "../particles/to-star.ts";
import type { TrueParticle } from "./true-particles.ts";

const DEG = 180 / Math.PI;

/** particles.star (what a search is given) and truth.star (the same with poses and which images are junk). */
export function particleDocuments(
  particles: readonly TrueParticle[],
  options: SimulateOptions,
  boxPx: number,
  pixelSizeA: number,
): { readonly blind: StarDocument; readonly truth: StarDocument } {
  const optics = starBlock("optics", opticsTable(options, boxPx, pixelSizeA, particles[0]?.aberrations));
  const given = givenColumns(particles, options);
  const table = makeStarTable("particles.star", given);
  const truthTable = makeStarTable("truth.star", [...given, ...trueColumns(particles, pixelSizeA)]);
  return {
    blind: { where: "particles.star", blocks: [optics, starBlock("particles", table)], trailingComments: [] },
    truth: { where: "truth.star", blocks: [optics, starBlock("particles", truthTable)], trailingComments: [] },
  };
}

function opticsTable(
  options: SimulateOptions,
  boxPx: number,
  pixelSizeA: number,
  aberrations: Aberrations | undefined,
) {
  return makeStarTable("optics", [
    { label: "rlnOpticsGroupName", texts: ["opticsGroup1"] },
    { label: "rlnOpticsGroup", numbers: [1], kind: "integer" },
    { label: "rlnMicrographOriginalPixelSize", numbers: [pixelSizeA] },
    { label: "rlnVoltage", numbers: [options.voltageKv] },
    { label: "rlnSphericalAberration", numbers: [options.sphericalAberrationMm] },
    { label: "rlnAmplitudeContrast", numbers: [options.amplitudeContrast] },
    { label: "rlnImagePixelSize", numbers: [pixelSizeA] },
    { label: "rlnImageSize", numbers: [boxPx], kind: "integer" },
    { label: "rlnImageDimensionality", numbers: [2], kind: "integer" },
    ...aberrationColumns(aberrations ? [{ aberrations }] : []),
  ]);
}

function givenColumns(particles: readonly TrueParticle[], options: SimulateOptions): StarColumnData[] {
  const column = (label: string, value: (particle: TrueParticle) => number): StarColumnData => ({
    label,
    numbers: Float64Array.from(particles, value),
  });
  return [
    { label: "rlnImageName", texts: particles.map((_, i) => `${String(i + 1).padStart(6, "0")}@particles.mrcs`) },
    {
      label: "rlnMicrographName",
      texts: particles.map((_, i) => `mic${1 + Math.floor(i / options.particlesPerMicrograph)}.mrc`),
    },
    column("rlnDefocusU", (particle) => particle.optics.defocusUA),
    column("rlnDefocusV", (particle) => particle.optics.defocusVA),
    column("rlnDefocusAngle", (particle) => particle.optics.defocusAngleRad * DEG),
    { label: "rlnOpticsGroup", numbers: new Float64Array(particles.length).fill(1), kind: "integer" },
  ];
}

function trueColumns(particles: readonly TrueParticle[], pixelSizeA: number): StarColumnData[] {
  const angles = particles.map((particle) => quaternionToEuler(particle.rotation, 0));
  const numbers = (values: readonly number[]) => Float64Array.from(values);
  return [
    { label: "rlnAngleRot", numbers: numbers(angles.map((angle) => angle.rotRad * DEG)) },
    { label: "rlnAngleTilt", numbers: numbers(angles.map((angle) => angle.tiltRad * DEG)) },
    { label: "rlnAnglePsi", numbers: numbers(angles.map((angle) => angle.psiRad * DEG)) },
    // RELION's origin is minus the displacement.
    { label: "rlnOriginXAngst", numbers: numbers(particles.map((particle) => -particle.shiftXPx * pixelSizeA)) },
    { label: "rlnOriginYAngst", numbers: numbers(particles.map((particle) => -particle.shiftYPx * pixelSizeA)) },
    { label: "junk", numbers: numbers(particles.map((particle) => (particle.isJunk ? 1 : 0))), kind: "integer" },
  ];
}
