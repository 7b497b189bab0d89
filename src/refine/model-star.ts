import { shellToResolutionA } from "../geometry/shells.ts";
import { type StarDocument, starBlock } from "../io/star/document.ts";
import { makeStarTable, type StarColumnData } from "../io/star/table.ts";
import type { RunContext } from "./run-context.ts";
import type { RefinementState } from "./state.ts";

/**
 * run_model.star: FSC and signal-to-noise per shell, noise spectra per group and half, one row per round. RELION's labels where they mean the same;
 * noise in RELION's units (transform divided by N²: σ²/N⁴).
 */
export function modelDocument(context: RunContext, state: RefinementState, where: string): StarDocument {
  const { boxPx, pixelSizeA } = context.data;
  const shells = context.largestShell + 1;
  const last = state.history[state.history.length - 1];
  const index = Array.from({ length: shells }, (_, s) => s);
  const resolutionA = index.map((s) => (s === 0 ? 999 : shellToResolutionA(s, boxPx, pixelSizeA)));
  const fsc = index.map((s) => (s === 0 ? 1 : (state.fsc[s] ?? 0)));
  const shellColumns: StarColumnData[] = [
    { label: "rlnSpectralIndex", numbers: index, kind: "integer" },
    { label: "rlnResolution", numbers: resolutionA.map((a) => (a === 999 ? 0 : 1 / a)) },
    { label: "rlnAngstromResolution", numbers: resolutionA },
    { label: "rlnGoldStandardFsc", numbers: fsc },
    {
      label: "rlnSsnrMap",
      numbers: fsc.map((f) => Math.max(0, Math.min(f, 0.999)) / (1 - Math.max(0, Math.min(f, 0.999)))),
    },
  ];
  const blocks = [
    starBlock(
      "model_general",
      makeStarTable(where, [
        { label: "rlnReferenceDimensionality", numbers: [3], kind: "integer" },
        { label: "rlnOriginalImageSize", numbers: [boxPx], kind: "integer" },
        { label: "rlnPixelSize", numbers: [pixelSizeA] },
        { label: "rlnNrClasses", numbers: [1], kind: "integer" },
        { label: "rlnPaddingFactor", numbers: [context.options.paddingFactor] },
        { label: "rlnCurrentResolution", numbers: [last ? (boxPx * pixelSizeA) / last.shell0143 : 999] },
        { label: "rlnSigmaOffsetsAngst", numbers: [state.halves[0].shiftSigmaPx * pixelSizeA] },
        { label: "vitGoodShare", numbers: [last?.goodShare ?? 0] },
      ]),
      false,
    ),
    starBlock("model_class_1", makeStarTable(where, shellColumns)),
  ];
  for (let g = 0; g < context.data.noiseGroupCount; g++) {
    const spectrum = (half: 0 | 1) => index.map((s) => state.halves[half].sigma2[g * shells + s]! / boxPx ** 4);
    blocks.push(
      starBlock(
        `model_optics_group_${g + 1}`,
        makeStarTable(where, [
          { label: "rlnSpectralIndex", numbers: index, kind: "integer" },
          { label: "rlnResolution", numbers: resolutionA.map((a) => (a === 999 ? 0 : 1 / a)) },
          { label: "rlnSigma2Noise", numbers: spectrum(0) },
          { label: "vitSigma2NoiseHalf2", numbers: spectrum(1) },
        ]),
      ),
    );
  }
  const rows = (pick: (record: (typeof state.history)[number]) => number) => state.history.map(pick);
  blocks.push(
    starBlock(
      "vit_rounds",
      makeStarTable(where, [
        { label: "vitRound", numbers: rows((r) => r.round), kind: "integer" },
        {
          label: "vitStage",
          texts: state.history.map((r) => (r.mates ? `${r.stage} relaxed` : r.isRelook ? "relook" : r.stage)),
        },
        { label: "vitRadiusShell", numbers: rows((r) => r.radiusShell), kind: "integer" },
        { label: "vitResolutionFsc05", numbers: rows((r) => (boxPx * pixelSizeA) / r.shell05) },
        { label: "vitResolutionFsc0143", numbers: rows((r) => (boxPx * pixelSizeA) / r.shell0143) },
        { label: "vitMovedDeg", numbers: rows((r) => r.movedDeg) },
        { label: "vitGoodShare", numbers: rows((r) => r.goodShare) },
      ]),
    ),
  );
  return { where, blocks, trailingComments: [] };
}
