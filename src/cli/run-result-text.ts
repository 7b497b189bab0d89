import type { RefineResult } from "../refine/finish.ts";

/** Last lines of a finished run, for stdout: the resolution with its threshold and mask, and where things are. */
export function runResultText(result: RefineResult, page: string | null = null): string {
  const lines = [
    ["stopped", `after ${result.rounds} rounds: ${result.reason}`],
    [
      "resolution",
      `${result.resolutionA.toFixed(2)} Å (FSC 0.143, masked, phases randomised beyond ${result.randomisedBeyondA.toFixed(1)} Å); ` +
        `${result.unmaskedResolutionA.toFixed(2)} Å unmasked`,
    ],
    ...(result.relaxed
      ? [
          [
            "asymmetry",
            result.relaxed.asymmetryResolutionA === null
              ? `the half maps agree on no deviation from ${result.relaxed.group}`
              : `the half maps agree on the deviation from ${result.relaxed.group} to ${result.relaxed.asymmetryResolutionA.toFixed(1)} Å (FSC 0.143)`,
          ],
        ]
      : []),
    ["poses", result.particles],
    ["half maps", result.halfMaps.join("  ")],
    ["map", result.map],
    ["picture", result.picture],
    ...(page === null ? [] : [["report", page]]),
  ];
  return lines.map(([name, text]) => `${name!.padEnd(12)}${text}\n`).join("");
}
