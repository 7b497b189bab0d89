import type { SymmetryOptions } from "../../options/symmetry-options.ts";
import { type SymmetryResult, symmetry } from "../../symmetry/symmetry.ts";
import type { VerbContext } from "./verb-context.ts";

/** Groups listed besides those that fit. */
const SHOWN_OTHERS = 6;

export async function symmetryVerb(options: SymmetryOptions, { terminal, signal, log }: VerbContext): Promise<void> {
  const result = await symmetry(options, { signal, log });
  terminal.writeResult(options.json ? `${JSON.stringify(result, null, 2)}\n` : resultText(result, options.threshold));
}

function resultText(result: SymmetryResult, threshold: number): string {
  const { group, fits, background, holdsToA, placement, resolutionA, notes, map, particles } = result;
  const shown = [...fits.filter((fit) => fit.fits), ...fits.filter((fit) => !fit.fits).slice(0, SHOWN_OTHERS)];
  const lines = [
    group === "C1"
      ? `symmetry    none: no group reaches ${threshold} with every operator at ${resolutionA.toFixed(1)} Å`
      : `symmetry    ${group}: every operator reaches ${threshold} at ${resolutionA.toFixed(1)} Å`,
    ...(placement !== null && holdsToA !== null
      ? [`holds to    ${holdsToA.toFixed(1)} Å (FSC 0.5 of the map with itself turned by ${placement.group})`]
      : []),
    "",
    "group   least   mean    correlation over its operators",
    ...shown.map(({ group: name, least, mean, fits: isFit }) =>
      `${name.padEnd(7)} ${least.toFixed(3)}   ${mean.toFixed(3)}   ${isFit ? "fits" : ""}`.trimEnd(),
    ),
    `chance  ${background.toFixed(3)}           a turn about no particular axis`,
    "",
    ...(placement === null
      ? []
      : [
          `axes        rot ${placement.rotDeg.toFixed(2)}°, tilt ${placement.tiltDeg.toFixed(2)}°, psi ${placement.psiDeg.toFixed(2)}°`,
          `centre      ${placement.centreA.map((a) => a.toFixed(2)).join(", ")} Å from the middle of the box`,
        ]),
    ...notes.map((note) => `note        ${note}`),
    ...(map === null ? [] : [`map         ${map}`]),
    ...(particles === null ? [] : [`particles   ${particles}`]),
  ];
  return `${lines.join("\n")}\n`;
}
