import { DataError } from "../core/errors.ts";
import type { EventLog } from "../core/events.ts";
import { openDevice } from "../device/open.ts";
import { CTF_OPTICS_FIELDS } from "../device/ops/ctf.ts";
import type { Device } from "../device/types.ts";
import { makeBand } from "../geometry/band.ts";
import { pointGroup } from "../geometry/point-group.ts";
import { resolutionToShell } from "../geometry/shells.ts";
import { writeFileAtomic } from "../io/node/atomic-write.ts";
import { describeMachine } from "../io/node/machine.ts";
import { writeMapFile } from "../io/node/map-file.ts";
import { correctedFsc } from "../map/corrected-fsc.ts";
import { deviceFft3 } from "../map/device-fft3.ts";
import { sphereMaskInto } from "../map/masks.ts";
import { resolutionAt } from "../map/resolution.ts";
import { type Accumulation, accumulate, addAccumulation, type WeightedBlock } from "../maximization/accumulate.ts";
import { reconstructMap } from "../maximization/reconstruct-map.ts";
import { completeOptions } from "../options/complete-options.ts";
import { type ReconstructInput, type ReconstructOptions, reconstructTable } from "../options/reconstruct-options.ts";
import type { ImageModel, ImageReader } from "../particles/image-model.ts";
import { uploadBand } from "../particles/image-set.ts";
import { conformingReader } from "./data-grid.ts";
import { type Dataset, openDataset } from "./dataset.ts";

export interface ReconstructResult {
  readonly maps: readonly string[];
  /** Half-map FSC 0.143, unmasked and corrected in a soft sphere; null for one half-set. */
  readonly unmaskedResolutionA: number | null;
  readonly resolutionA: number | null;
}

const BLOCK = 512;
const MASK_EDGE_PX = 5;

/** Maps from given poses: the adjoint of project, divided by the inserted weight. No noise weighting, no regularisation. */
export async function reconstruct(
  input: ReconstructInput,
  { signal, log }: { readonly signal: AbortSignal; readonly log: EventLog },
): Promise<ReconstructResult> {
  const options = completeOptions("reconstruct", reconstructTable, input);
  const limitBytes = options.memoryGb > 0 ? options.memoryGb * 1e9 : 0.75 * describeMachine().freeMemoryBytes;
  const data = await openDataset({
    ...options,
    noiseGroups: "optics",
    residentBytes: Math.floor(limitBytes / 4),
    signal,
    log,
  });
  if (!data.table.hasPoses) {
    throw new DataError(
      `${options.particles}: has no poses (rlnAngleRot, rlnAngleTilt, rlnAnglePsi). Run vitreous refine first.`,
    );
  }
  if (data.boxPx % 2 !== 0)
    throw new DataError(
      `${options.particles}: images of an odd box, ${data.boxPx} px. Crop or pad them to an even box.`,
    );
  const device = openDevice({
    kind: options.device as "auto" | "cpu" | "reference",
    ...(options.threads > 0 ? { threads: options.threads } : {}),
    ...(options.isa === "auto" ? {} : { isa: options.isa as "sse2" | "avx2" | "avx512" }),
  });
  try {
    log.event("run.start", {
      particleCount: data.table.count,
      boxPx: data.boxPx,
      pixelSizeA: data.pixelSizeA,
      symmetry: options.symmetry,
      device: device.description,
    });
    return await reconstructHalves(device, data, options, signal, log);
  } finally {
    device.close();
    data.source.close();
  }
}

async function reconstructHalves(
  device: Device,
  data: Dataset,
  options: ReconstructOptions,
  signal: AbortSignal,
  log: EventLog,
): Promise<ReconstructResult> {
  const { boxPx, pixelSizeA } = data;
  const nyquist = boxPx / 2;
  const limit = options.maxResolutionA > 0 ? resolutionToShell(options.maxResolutionA, boxPx, pixelSizeA) : nyquist;
  const maxShell = Math.min(nyquist, Math.max(1, Math.round(limit)));
  const band = uploadBand(device, makeBand(boxPx, nyquist));
  const model = plainModel(data, nyquist + 1, options.withoutCtf);
  const reader = conformingReader(device, data, data.source as ImageReader);
  const sums: Accumulation[] = [];
  const maps: string[] = [];
  const write = (path: string, map: Float32Array) => {
    writeMapFile(path, { sizeX: boxPx, sizeY: boxPx, sizeZ: boxPx, pixelSizeA, data: map });
    maps.push(path);
  };
  const build = (s: Accumulation) =>
    reconstructMap(device, s, { boxPx, prior: null, griddingIterations: options.griddingIterations });
  try {
    const halfMaps: Float32Array[] = [];
    for (const half of options.subset === 0 ? ([0, 1] as const) : [(options.subset - 1) as 0 | 1]) {
      const accumulated = await accumulate(device, band, reader, model, poseBlocks(data, half, log), {
        half,
        maxShell,
        paddingFactor: options.paddingFactor,
        group: pointGroup(options.symmetry),
        particleCount: data.halves[half].length,
        largestAmplitude: data.largestStoredAmplitude,
        signal,
      });
      sums.push(accumulated);
      const map = await build(accumulated);
      halfMaps.push(map);
      write(options.subset === 0 ? `${options.out}_half${half + 1}.mrc` : `${options.out}.mrc`, map);
      log.event("reconstruct.half", { half: half + 1, particleCount: data.halves[half].length });
    }
    if (options.subset !== 0) return { maps, unmaskedResolutionA: null, resolutionA: null };
    await addAccumulation(device, sums[0]!, sums[1]!);
    write(`${options.out}.mrc`, await build(sums[0]!));
    const diameterA = options.maskDiameterA > 0 ? options.maskDiameterA : 0.9 * boxPx * pixelSizeA;
    const radiusPx = Math.min(diameterA / (2 * pixelSizeA), nyquist - 1);
    const mask = sphereMaskInto(new Float32Array(boxPx ** 3), boxPx, radiusPx, MASK_EDGE_PX);
    const curves = await correctedFsc(halfMaps[0]!, halfMaps[1]!, {
      boxPx,
      mask,
      fft: deviceFft3(device),
      seed: options.seed,
    });
    const result = {
      maps,
      unmaskedResolutionA: resolutionAt(curves.unmasked, 0.143, boxPx, pixelSizeA).resolutionA,
      resolutionA: resolutionAt(curves.corrected, 0.143, boxPx, pixelSizeA).resolutionA,
    };
    const shells = Array.from(curves.unmasked, (unmasked, shell) => ({
      shell,
      unmasked,
      corrected: curves.corrected[shell],
    }));
    writeFileAtomic(
      `${options.out}_fsc.json`,
      `${JSON.stringify({ boxPx, pixelSizeA, maskDiameterA: diameterA, shells }, null, 1)}\n`,
    );
    return result;
  } finally {
    for (const s of sums) s.free();
    band.free();
  }
}

function plainModel(data: Dataset, shellCount: number, withoutCtf: boolean): ImageModel {
  const n = data.table.count;
  const optics = data.optics.slice();
  // Amplitude contrast 1 without defocus or Cs is a contrast transfer function of 1 everywhere.
  if (withoutCtf) for (let p = 0; p < n; p++) optics.set([0, 0, 0, 3e5, 0, 1, 0], CTF_OPTICS_FIELDS * p);
  const flat = new Float64Array(shellCount).fill(1);
  return {
    boxPx: data.boxPx,
    pixelSizeA: data.pixelSizeA,
    optics,
    ...(data.envelope && !withoutCtf ? { envelope: data.envelope } : {}),
    ...(data.symmetricPhase && !withoutCtf ? { symmetricPhase: data.symmetricPhase } : {}),
    gain: new Float32Array(n).fill(1),
    scale: new Float32Array(n).fill(1),
    noiseGroup: new Int32Array(n),
    noiseGroupCount: 1,
    shellCount,
    sigma2: [flat, flat],
    recentrePx: new Int32Array(2 * n),
    key: data.key,
  };
}

/** The poses of the file as posteriors of one point each. */
async function* poseBlocks(data: Dataset, half: 0 | 1, log: EventLog): AsyncGenerator<WeightedBlock> {
  const rows = data.halves[half];
  for (let first = 0; first < rows.length; first += BLOCK) {
    const particles = rows.slice(first, first + BLOCK);
    const rotations = new Float32Array(4 * particles.length);
    const shiftsPx = new Float32Array(2 * particles.length);
    particles.forEach((p, i) => {
      rotations.set(data.table.rotation.subarray(4 * p, 4 * p + 4), 4 * i);
      shiftsPx.set(data.shiftPx.subarray(2 * p, 2 * p + 2), 2 * i);
    });
    const ones = new Float32Array(particles.length).fill(1);
    const none = new Float32Array(0);
    yield {
      imageWeight: ones,
      block: {
        half,
        index: first / BLOCK,
        particles,
        rotationsPerImage: 1,
        shiftsPerRotation: 1,
        parentCount: 0,
        shellCount: 0,
        rotations,
        shiftsPx,
        weights: ones,
        summary: none,
        kernel: none,
        parentRotations: none,
        parentShiftsPx: none,
        statistics: new Float64Array(0),
      },
    };
    log.event("reconstruct.batch", { half: half + 1, done: Math.min(first + BLOCK, rows.length), total: rows.length });
  }
}
