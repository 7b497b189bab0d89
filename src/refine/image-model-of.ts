import type { ImageModel } from "../particles/image-model.ts";
import { changedOptics } from "./defocus-plan.ts";
import type { RunContext } from "./run-context.ts";
import type { RefinementState } from "./state.ts";

/** The image model of the coming round: the data set's own numbers and what earlier rounds estimated. */
export function imageModelOf(context: RunContext, state: RefinementState): ImageModel {
  const { data } = context;
  const gain = state.norm.map((norm) => norm * data.gain);
  const scale = new Float32Array(data.table.count).fill(1);
  for (const half of [0, 1] as const) {
    for (const p of data.halves[half]) scale[p] = state.halves[half].groupScale[data.scaleGroup[p]!]!;
  }
  return {
    boxPx: data.boxPx,
    pixelSizeA: data.pixelSizeA,
    optics: changedOptics(data.optics, state.defocus),
    ...(data.envelope ? { envelope: data.envelope } : {}),
    ...(data.symmetricPhase ? { symmetricPhase: data.symmetricPhase } : {}),
    gain,
    scale,
    noiseGroup: data.noiseGroup,
    noiseGroupCount: data.noiseGroupCount,
    shellCount: context.largestShell + 1,
    sigma2: [state.halves[0].sigma2, state.halves[1].sigma2],
    recentrePx: Int32Array.from(state.shiftPx, (t) => Math.round(t)),
    key: data.key,
  };
}
