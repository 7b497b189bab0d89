import type { PostprocessOptions } from "../../options/postprocess-options.ts";
import { resolutionText } from "../../validation/fsc-report.ts";
import { localText } from "../../validation/local-report.ts";
import { postprocess } from "../../validation/postprocess.ts";
import type { VerbContext } from "./verb-context.ts";

export async function postprocessVerb(
  options: PostprocessOptions,
  { terminal, signal, log }: VerbContext,
): Promise<void> {
  const result = await postprocess(options, { signal, log });
  const { guinierFit: fit, orientations, model } = result;
  const lines: [name: string, text: string][] = [
    ["resolution", resolutionText(result.resolution)],
    ["", resolutionText(result.unmaskedResolution)],
    [
      "B-factor",
      `${result.bFactorA2.toFixed(1)} Å² applied${fit ? `; fit ${fit.bFactorA2.toFixed(1)} Å² from ${fit.fromA.toFixed(2)} to ${fit.toA.toFixed(2)} Å` : ""}`,
    ],
    ["directions", result.anisotropy.text],
  ];
  if (result.local) lines.push(["local", localText(result.local)]);
  if (orientations) {
    lines.push([
      "views",
      `sampling compensation ${orientations.samplingCompensation.toFixed(3)}, ${(100 * orientations.unsampledShare).toFixed(1)} % ` +
        `of Fourier space unsampled (shell ${orientations.samplingShell}, ${orientations.symmetry}, ${orientations.particleCount} particles)`,
    ]);
  }
  if (result.goodShare !== null) lines.push(["particles", `${(100 * result.goodShare).toFixed(1)} % good`]);
  if (model) {
    lines.push([
      "model",
      `${model.resolutionA.toFixed(2)} Å (FSC 0.5, map to model; mask: ${result.mask}), ${model.atomCount} atoms, ${model.outsideCount} outside the box`,
    ]);
  }
  for (const [what, path] of Object.entries(result.files)) lines.push([what, path]);
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  terminal.writeResult(lines.map(([name, text]) => `${name.padEnd(width)}${text}\n`).join(""));
}
