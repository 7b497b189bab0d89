import type { Communicator } from "../comm/types.ts";
import { DataError, UsageError } from "../core/errors.ts";
import { type EventLog, silentLog } from "../core/events.ts";
import { CTF_OPTICS_FIELDS } from "../device/ops/ctf.ts";
import type { Device } from "../device/types.ts";
import { makeBand } from "../geometry/band.ts";
import { pointGroup } from "../geometry/point-group.ts";
import { resolutionToShell } from "../geometry/shells.ts";
import { writeFileAtomic } from "../io/node/atomic-write.ts";
import type { CorrectedFsc } from "../map/corrected-fsc.ts";
import type { MapSlab } from "../map/map-slab.ts";
import { sphereMaskPlanesInto } from "../map/masks.ts";
import { resolutionAt } from "../map/resolution.ts";
import { makeSlabFft3 } from "../map/slab-fft3.ts";
import { correctedFscOfSlabs } from "../map/slab-fsc.ts";
import { type Accumulation, accumulate, addAccumulation } from "../maximization/accumulate.ts";
import type { ModelRanks } from "../maximization/model-ranks.ts";
import { reconstructSlab } from "../maximization/reconstruct-map.ts";
import { completeOptions } from "../options/complete-options.ts";
import { type ReconstructInput, type ReconstructOptions, reconstructTable } from "../options/reconstruct-options.ts";
import type { ImageModel, ImageReader } from "../particles/image-model.ts";
import { uploadBand } from "../particles/image-set.ts";
import { expectAgreement } from "./agreement.ts";
import { conformingReader } from "./data-grid.ts";
import { type Dataset, openDataset } from "./dataset.ts";
import { openRunModel } from "./model-of-run.ts";
import { poseBlocks } from "./pose-blocks.ts";
import { openAlikeDevice, planRank, whatRanksShare } from "./rank-setup.ts";
import { type RunEnvironment, ranksOf } from "./run-environment.ts";
import { writeMapSlab } from "./write-map-slab.ts";

export interface ReconstructResult {
  readonly maps: readonly string[];
  /** Half-map FSC 0.143, unmasked and corrected in a soft sphere; null for one half-set. */
  readonly unmaskedResolutionA: number | null;
  readonly resolutionA: number | null;
}

const MASK_EDGE_PX = 5;

/**
 * Maps from given poses: the adjoint of project, divided by the inserted weight. No noise weighting, no regularisation.
 *
 * On several ranks each inserts its share of the particles; the model, the maps and what is measured on them lie as `--model` says.
 */
export async function reconstruct(input: ReconstructInput, environment: RunEnvironment): Promise<ReconstructResult> {
  const { signal } = environment;
  const options = completeOptions("reconstruct", reconstructTable, input);
  const opened = await ranksOf(environment, options.mpi);
  const { comm } = opened;
  if (options.isSingleMap && options.subset !== 0)
    throw new UsageError(
      `--single-map takes all particles, --subset ${options.subset} one half-set: give one of them.`,
    );
  const log = comm.rank === 0 ? environment.log : silentLog;
  const { limitBytes, threads } = planRank(options, opened, log);
  await expectAgreement(comm, whatRanksShare(options, [options.particles]));
  const data = await openDataset({
    ...options,
    noiseGroups: "optics",
    // Each image is read twice, once to look at it: memory is better left to the system's file cache.
    residentBytes: 0,
    hasBackground: false,
    signal,
    log,
    comm,
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
  const ranks = await openRunModel(comm, options, data.boxPx, limitBytes, log);
  const device = await openAlikeDevice(comm, { ...options, threads });
  try {
    log.event("run.start", {
      particleCount: data.table.count,
      boxPx: data.boxPx,
      pixelSizeA: data.pixelSizeA,
      symmetry: options.symmetry,
      device: device.description,
    });
    return await reconstructMaps(device, data, options, ranks, signal, log);
  } finally {
    device.close();
    data.source.close();
  }
}

/** What is reconstructed: rows of the table, and where the map goes. */
interface Part {
  /** Whose noise it has: both half-sets have the same here. */
  readonly half: 0 | 1;
  readonly name: string;
  readonly rows: Int32Array;
  readonly path: string;
}

function partsOf(data: Dataset, { isSingleMap, subset, out }: ReconstructOptions): Part[] {
  const [first, second] = data.halves;
  if (isSingleMap) {
    const rows = Int32Array.from([...first, ...second]).sort();
    return [{ half: 0, name: "all particles", rows, path: `${out}.mrc` }];
  }
  return ([0, 1] as const)
    .filter((half) => subset === 0 || subset === half + 1)
    .map((half) => ({
      half,
      name: `half ${half + 1}`,
      rows: data.halves[half],
      path: subset === 0 ? `${out}_half${half + 1}.mrc` : `${out}.mrc`,
    }));
}

async function reconstructMaps(
  device: Device,
  data: Dataset,
  options: ReconstructOptions,
  ranks: ModelRanks,
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
  const write = async (path: string, map: MapSlab) => {
    // Groups hold equal maps: the first writes.
    if (ranks.comm.rank < ranks.group.size) await writeMapSlab(ranks.group, path, map, pixelSizeA);
    maps.push(path);
  };
  const build = (s: Accumulation) =>
    reconstructSlab(device, s, { boxPx, prior: null, griddingIterations: options.griddingIterations });
  try {
    const built: MapSlab[] = [];
    for (const { half, name, rows, path } of partsOf(data, options)) {
      const accumulated = await accumulate(device, band, reader, model, poseBlocks(data, half, rows, ranks.comm, log), {
        half,
        maxShell,
        paddingFactor: options.paddingFactor,
        group: pointGroup(options.symmetry),
        particleCount: rows.length,
        largestAmplitude: data.largestStoredAmplitude,
        isSparse: true,
        ranks,
        signal,
      });
      sums.push(accumulated);
      const map = await build(accumulated);
      built.push(map);
      await write(path, map);
      log.event("reconstruct.part", { name, particleCount: rows.length });
    }
    const [first, second] = built;
    if (first === undefined || second === undefined) return { maps, unmaskedResolutionA: null, resolutionA: null };
    await addAccumulation(device, sums[0]!, sums[1]!);
    sums.pop()!.free();
    await write(`${options.out}.mrc`, await build(sums[0]!));
    sums.pop()!.free();
    return { maps, ...(await writeFsc(device, data, options, ranks, [first, second])) };
  } finally {
    for (const s of sums) s.free();
    band.free();
  }
}

/** FSC of the half maps, written; their resolutions. */
async function writeFsc(
  device: Device,
  { boxPx, pixelSizeA }: Dataset,
  options: ReconstructOptions,
  ranks: ModelRanks,
  halfMaps: readonly [MapSlab, MapSlab],
): Promise<Omit<ReconstructResult, "maps">> {
  const diameterA = options.maskDiameterA > 0 ? options.maskDiameterA : 0.9 * boxPx * pixelSizeA;
  const curves = await halfMapFsc(device, ranks.group, halfMaps, {
    radiusPx: Math.min(diameterA / (2 * pixelSizeA), boxPx / 2 - 1),
    seed: options.seed,
  });
  const shells = Array.from(curves.unmasked, (unmasked, shell) => ({
    shell,
    unmasked,
    corrected: curves.corrected[shell],
  }));
  if (ranks.comm.rank === 0) {
    writeFileAtomic(
      `${options.out}_fsc.json`,
      `${JSON.stringify({ boxPx, pixelSizeA, maskDiameterA: diameterA, shells }, null, 1)}\n`,
    );
  }
  return {
    unmaskedResolutionA: resolutionAt(curves.unmasked, 0.143, boxPx, pixelSizeA).resolutionA,
    resolutionA: resolutionAt(curves.corrected, 0.143, boxPx, pixelSizeA).resolutionA,
  };
}

/** FSC curves of half maps in planes, in a soft sphere. All ranks of `group` call. */
async function halfMapFsc(
  device: Device,
  group: Communicator,
  [a, b]: readonly [MapSlab, MapSlab],
  { radiusPx, seed }: { readonly radiusPx: number; readonly seed: number },
): Promise<CorrectedFsc> {
  const mask = new Float32Array(a.data.length);
  sphereMaskPlanesInto(mask, a.boxPx, radiusPx, MASK_EDGE_PX, a.firstPlane);
  return correctedFscOfSlabs(group, makeSlabFft3(device, group), a, b, mask, seed);
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
