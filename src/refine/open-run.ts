import type { OpenedCommunicator } from "../comm/open.ts";
import { DataError, ResourceError, UsageError } from "../core/errors.ts";
import type { EventLog } from "../core/events.ts";
import type { Device } from "../device/types.ts";
import { makeBand } from "../geometry/band.ts";
import { deviceFft3 } from "../map/device-fft3.ts";
import { sphereMaskInto } from "../map/masks.ts";
import type { RefineOptions } from "../options/refine-options.ts";
import { uploadBand } from "../particles/image-set.ts";
import { expectAgreement } from "./agreement.ts";
import { conformingReader } from "./data-grid.ts";
import { openDataset } from "./dataset.ts";
import { openRunModel } from "./model-of-run.ts";
import { planMemory } from "./plan.ts";
import { readMapOnGrid } from "./prepare-reference.ts";
import { openAlikeDevice, planRank, whatRanksShare } from "./rank-setup.ts";
import { symmetryOf } from "./relaxation.ts";
import type { RunContext } from "./run-context.ts";
import { largestPhase } from "./schedule.ts";

const MASK_EDGE_PX = 5;
const GB = 1e9;
/** Share of the memory limit that gathered slices may take. */
const HELD_SLICES_SHARE = 0.1;

/** Opens everything a run needs: data, device, masks, memory plan. The caller closes the device. */
export async function openRun(
  options: RefineOptions,
  log: EventLog,
  signal: AbortSignal,
  ranks: OpenedCommunicator,
): Promise<RunContext> {
  const { comm } = ranks;
  const { group, mates } = symmetryOf(options);
  if (comm.size > 1) log.event("note", { message: ranks.why });
  const { limitBytes, threads } = planRank(options, ranks, log);
  await expectAgreement(comm, whatRanksShare(options, [options.particles, options.reference]));
  const data = await openDataset({
    ...options,
    residentBytes: Math.floor(limitBytes / 2),
    hasBackground: true,
    signal,
    log,
    comm,
  });
  const { boxPx, pixelSizeA } = data;
  if (boxPx % 2 !== 0)
    throw new DataError(`${options.particles}: images of an odd box, ${boxPx} px. Crop or pad them to an even box.`);
  const boxA = boxPx * pixelSizeA;
  const diameterA = options.maskDiameterA > 0 ? options.maskDiameterA : 0.9 * boxA;
  if (diameterA > boxA) {
    throw new UsageError(
      `--mask-diameter: expected at most the box, ${boxA.toFixed(1)} Å, got ${diameterA} Å. Give a smaller diameter.`,
    );
  }
  const largestShell = boxPx / 2;
  const band = makeBand(boxPx, largestShell);
  const modelRanks = await openRunModel(comm, options, boxPx, limitBytes, log);
  const plan = planMemory({
    boxPx,
    particleCount: data.table.count,
    bandPixelCount: band.pixelCount,
    paddingFactor: options.paddingFactor,
    ...largestPhase(options.rotationsPerImage, options.shiftsPerRotation, mates?.count ?? 1),
    blockSize: options.checkpointParticles,
    batchParticles: options.batchParticles,
    limitBytes,
    storedBytes: data.source.storedBytes,
    modelParts: modelRanks.group.size,
  });
  if (plan.totalBytes - plan.residentBytes > limitBytes) {
    throw new ResourceError(
      `memory: this run needs ${(plan.totalBytes / GB).toFixed(1)} GB, and ${(limitBytes / GB).toFixed(1)} GB are planned. Give --memory more, or images of a smaller box.`,
    );
  }
  const device: Device = await openAlikeDevice(comm, { ...options, threads });
  try {
    const radiusPx = diameterA / (2 * pixelSizeA);
    const sphereMask = sphereMaskInto(
      new Float32Array(boxPx ** 3),
      boxPx,
      Math.min(radiusPx, boxPx / 2 - 1),
      MASK_EDGE_PX,
    );
    const isFile = options.solventMask !== "auto" && options.solventMask !== "sphere";
    const givenMask = isFile ? readMapOnGrid(options.solventMask, data, log) : null;
    log.event("run.start", {
      particleCount: data.table.count,
      halfCounts: data.halves.map((rows) => rows.length),
      boxPx,
      pixelSizeA,
      symmetry: mates ? `${group.name}, to be relaxed to ${mates.subgroup.name}` : group.name,
      maskDiameterA: diameterA,
      noiseGroups: data.noiseGroupCount,
      device: device.description,
    });
    log.event("plan.memory", { ...plan, batchParticles: plan.blocksPerBatch * options.checkpointParticles });
    return {
      device,
      comm,
      ranks: ranks.why,
      isFirst: comm.rank === 0,
      modelRanks,
      fft: deviceFft3(device),
      options,
      data: { ...data, reader: conformingReader(device, data) },
      group,
      mates,
      band: uploadBand(device, band),
      largestShell,
      diameterA,
      imageMask: { radiusPx, edgePx: MASK_EDGE_PX },
      sphereMask,
      givenMask,
      blockSize: options.checkpointParticles,
      blocksPerBatch: plan.blocksPerBatch,
      heldSliceBytes: limitBytes * HELD_SLICES_SHARE,
      signal,
      log,
    };
  } catch (thrown) {
    device.close();
    throw thrown;
  }
}
