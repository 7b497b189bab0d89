/** Directional FSC of two half maps inside a mask, and its picture. */

import { type Anisotropy, measureAnisotropy } from "../map/anisotropy.ts";
import type { CorrectedFsc } from "../map/corrected-fsc.ts";
import { type DirectionalSums, directionalSums } from "../map/directional-fsc.ts";
import type { Fft3 } from "../map/fft3.ts";
import { type FscCurve, fscPlot } from "../map/fsc-plot.ts";
import { applyMaskInto } from "../map/masks.ts";
import { mollweidePlot } from "../map/mollweide-plot.ts";
import { randomisePhasesInto } from "../map/phase-randomise.ts";
import { PAGE_GAP, pageTop, svgPage } from "../map/svg-page.ts";
import { nearestAxisValue } from "./orientations.ts";

export interface HalvesInMask {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly mask: Float32Array;
  readonly curves: CorrectedFsc;
  readonly fft: Fft3;
  readonly seed: number;
}

export async function measureDirections(input: HalvesInMask): Promise<Anisotropy> {
  const { boxPx, pixelSizeA, first, second, mask, curves, fft, seed } = input;
  const product = new Float32Array(mask.length);
  const sumsOf = async (a: Float32Array, b: Float32Array): Promise<DirectionalSums> => {
    const transform = await fft.forward(applyMaskInto(product, a, mask), boxPx);
    return directionalSums(transform, await fft.forward(applyMaskInto(product, b, mask), boxPx), boxPx);
  };
  const withNewPhases = async (map: Float32Array, stream: number) => {
    const transform = await fft.forward(map, boxPx);
    randomisePhasesInto(transform, transform, boxPx, curves.lastTrueShell, seed, stream);
    return fft.inverse(transform, boxPx);
  };
  return measureAnisotropy({
    masked: await sumsOf(first, second),
    randomised: await sumsOf(await withNewPhases(first, 0), await withNewPhases(second, 1)),
    lastTrueShell: curves.lastTrueShell,
    global: curves.masked,
    pixelSizeA,
  });
}

/** What is said of the directions, with all it depends on. */
export function anisotropyText(found: Anisotropy, maskName: string): string {
  const [finest, coarsest] = extremes(found.resolutionA);
  return (
    `conical-FSC area ratio ${found.areaRatio.toFixed(2)}; ${finest.toFixed(2)} to ${coarsest.toFixed(2)} Å by direction ` +
    `(cones of ±${found.halfAngleDeg}°, FSC ${found.threshold}, corrected; mask: ${maskName})`
  );
}

export function extremes(values: ArrayLike<number>): readonly [smallest: number, largest: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  return [low, high];
}

const MAP_WIDTH = 560;
const LEFT = PAGE_GAP + 46;
const PLOT_HEIGHT = 320;

export function directionsPicture(
  found: Anisotropy,
  corrected: Float64Array,
  grid: { readonly boxPx: number; readonly pixelSizeA: number },
  maskName: string,
): string {
  const order = Array.from(found.area.keys()).sort((a, b) => found.area[a]! - found.area[b]!);
  const [worst, best] = [order[0]!, order[order.length - 1]!];
  const curves: FscCurve[] = [
    { label: `worst direction, ${axisText(found.axes, worst)}`, values: found.curves[worst]! },
    { label: `best direction, ${axisText(found.axes, best)}`, values: found.curves[best]! },
    { label: "all directions", values: corrected },
  ];
  const notes = [
    `Conical-FSC area ratio ${found.areaRatio.toFixed(2)} (1: equal in all directions; below 0.5: views are missing).`,
    `${found.curves.length} cones of ±${found.halfAngleDeg}°, FSC ${found.threshold}, corrected by phase randomisation, mean of three shells.`,
    `Mask: ${maskName}.`,
  ];
  const top = pageTop(notes.length);
  const sphere = top + PLOT_HEIGHT + 44;
  const [finest, coarsest] = extremes(found.resolutionA);
  const parts = [
    fscPlot(curves, { ...grid, left: PAGE_GAP, top, width: MAP_WIDTH + 2 * LEFT - 2 * PAGE_GAP, height: PLOT_HEIGHT }),
    `<text x="${PAGE_GAP}" y="${sphere - 22}" font-weight="bold">Resolution by direction of the axis (Å)</text>`,
    mollweidePlot(nearestAxisValue(found.axes, found.resolutionA), {
      left: LEFT,
      top: sphere,
      width: MAP_WIDTH,
      range: [finest, coarsest],
      unit: "Å",
    }),
  ];
  return svgPage(parts, {
    width: MAP_WIDTH + 2 * LEFT + 14,
    height: sphere + MAP_WIDTH / 2 + 60,
    title: "Directional FSC",
    notes,
  });
}

/** "rot 30° tilt 90°": the axis through the map. */
function axisText(axes: Float64Array, i: number): string {
  const [x, y, z] = [axes[3 * i]!, axes[3 * i + 1]!, axes[3 * i + 2]!];
  const degrees = (radians: number) => Math.round((radians * 180) / Math.PI);
  return `rot ${degrees(Math.atan2(y, x))}° tilt ${degrees(Math.acos(z))}°`;
}
