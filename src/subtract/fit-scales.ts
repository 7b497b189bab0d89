import { throwIfAborted } from "../core/errors.ts";
import { ScaleFit } from "./fit-scale.ts";
import { GridProjector, type ImageGrid } from "./group-images.ts";
import { ShellMultiplier } from "./shell-products.ts";
import type { Subtraction } from "./subtraction.ts";

const BATCH = 128;
/** Images of an optics group that its grey scale is fitted on. */
const SAMPLE = 1000;

export interface Scales {
  /** [batch] grey scale of the map in each image. */
  scalesOf(images: Float32Array, batch: Int32Array): Promise<Float64Array>;
  /** Of each optics group, once all images are done. */
  scales(): { group: string; scale: number }[];
  close(): void;
}

/** Fits the grey scale of the whole map (not of what is taken out: it may be little) as --scale says. */
export async function fitScales(job: Subtraction, grid: ImageGrid, rows: Int32Array): Promise<Scales> {
  const { device, table, source, options, maps, halfSet, context } = job;
  const name = (group: number) => table.opticsGroups[group]!.name;
  const named = (scaleOf: (group: number) => number) =>
    grid.groups.map((group) => ({ group: name(group), scale: scaleOf(group) }));
  if (options.scale === "none") {
    return {
      scalesOf: async (_, batch) => new Float64Array(batch.length).fill(1),
      scales: () => named(() => 1),
      close() {},
    };
  }
  const whole = new GridProjector(device, maps, null, grid, options.paddingFactor);
  const multiplier = new ShellMultiplier(device, grid.boxPx);
  const fits = new Map<number, ScaleFit>();
  const fixed = new Map<number, number>();
  const close = () => {
    whole.close();
    multiplier.close();
  };
  try {
    for (const group of grid.groups) {
      const fit = new ScaleFit(multiplier.band.shellStart);
      const own = rows.filter((p) => table.opticsGroup[p] === group);
      const step = Math.max(1, own.length / SAMPLE);
      const sample = Int32Array.from({ length: Math.floor(own.length / step) }, (_, i) => own[Math.floor(i * step)]!);
      for (let first = 0; first < sample.length; first += BATCH) {
        throwIfAborted(context.signal, "subtract");
        const batch = sample.slice(first, first + BATCH);
        const images = new Float32Array(batch.length * grid.boxPx ** 2);
        source.readInto(images, batch);
        fit.add(await multiplier.products(images, await whole.images(table, batch, halfSet), batch.length));
      }
      fits.set(group, fit);
      fixed.set(group, fit.scale(`${table.where}: optics group ${name(group)}`));
    }
  } catch (thrown) {
    close();
    throw thrown;
  }
  if (options.scale === "optics") {
    return {
      scalesOf: async (_, batch) => Float64Array.from(batch, (p) => fixed.get(table.opticsGroup[p]!)!),
      scales: () => named((group) => fixed.get(group)!),
      close,
    };
  }
  const sums = new Map(grid.groups.map((group) => [group, { sum: 0, count: 0 }]));
  return {
    async scalesOf(images, batch) {
      const products = await multiplier.products(images, await whole.images(table, batch, halfSet), batch.length);
      return Float64Array.from(batch, (p, i) => {
        const group = table.opticsGroup[p]!;
        const scale = fits.get(group)!.scaleOf(products, i, table.placeOf(p));
        const sum = sums.get(group)!;
        sum.sum += scale;
        sum.count++;
        return scale;
      });
    },
    scales: () => named((group) => sums.get(group)!.sum / sums.get(group)!.count),
    close,
  };
}
