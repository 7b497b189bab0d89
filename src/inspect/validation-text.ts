import type { Problem } from "./problem-groups.ts";
import type { Validation } from "./validate.ts";
import { counted, grouped, shortNumber } from "./words.ts";

/** The findings as lines for a terminal. */
export function validationText(validation: Validation): string {
  const { particles, particleCount, stackCount, micrographCount, opticsGroupCount, images, problems } = validation;
  const micrographs = micrographCount === null ? "" : `, ${counted(micrographCount, "micrograph")}`;
  const lines = [
    `${particles}: ${counted(particleCount, "particle")} in ${counted(stackCount, "stack")}${micrographs}, ${counted(opticsGroupCount, "optics group")}`,
    images === null
      ? "no image was read"
      : `${grouped(images.readCount)} images read: background ${shortNumber(images.backgroundMean)} ± ${shortNumber(images.backgroundDeviation)}, the middle ${shortNumber(Math.abs(images.contrast))} standard deviations ${images.contrast >= 0 ? "brighter" : "darker"}`,
    "",
    ...problems.flatMap(problemLines),
    problems.length === 0 ? "No problem found." : summary(problems),
  ];
  return `${lines.join("\n")}\n`;
}

function problemLines({ severity, count, what, remedy, examples }: Problem): string[] {
  const hidden = count - examples.length;
  return [
    `${severity.padEnd(8)} ${what} (${grouped(count)})`,
    ...examples.map((example) => `         ${example}`),
    ...(hidden > 0 && examples.length > 0 ? [`         … and ${grouped(hidden)} more`] : []),
    `         → ${remedy}`,
    "",
  ];
}

function summary(problems: readonly Problem[]): string {
  const kinds = (severity: string): number => problems.filter((problem) => problem.severity === severity).length;
  return `${counted(kinds("error"), "kind")} of error, ${counted(kinds("warning"), "kind")} of warning.`;
}
