import { KERNEL_FIELDS } from "../device/ops/cloud/kernel.ts";
import { type Cloud, isotropicKernel } from "../expectation/cloud.ts";
import { type CloudSource, expectHalf } from "../expectation/expect-half.ts";
import { DEGREES_OF_FREEDOM, ENOUGH_ESS } from "../expectation/filter.ts";
import { makeReference } from "../expectation/reference.ts";
import type { PosteriorBlock } from "../posterior/block.ts";
import type { PosteriorStore } from "../posterior/store.ts";
import { ownBlocks, ownParticleCount } from "./block-share.ts";
import { defocusPlanOf } from "./defocus-plan.ts";
import { imageModelOf } from "./image-model-of.ts";
import { mapGroupOf, matesInUse } from "./relaxation.ts";
import type { RunContext } from "./run-context.ts";
import { filterPhases, makeScanLevels, SCAN_TEMPER, SURVIVOR_MARGIN, scanShell } from "./schedule.ts";
import type { RefinementState } from "./state.ts";

/** Kernel of a local search that starts from poses without clouds. */
const START_ROTATION_DEG = 2;
const START_SHIFT_PX = 0.7;
/** Cells that an image keeps between the grids of a scan at the most, as multiples of --keep-cells. */
const SURVIVORS = 2;

/** The expectation phase of a round, half by half: each half-set meets only its own reference. */
export async function expectRound(
  context: RunContext,
  state: RefinementState,
  store: PosteriorStore,
  previous: PosteriorStore | null,
  round: number,
): Promise<void> {
  const { data, device, options } = context;
  const model = imageModelOf(context, state);
  const mates = matesInUse(context, state);
  const total = ownParticleCount(context, 0) + ownParticleCount(context, 1);
  let before = 0;
  for (const half of [0, 1] as const) {
    const { shiftSigmaPx } = state.halves[half];
    const reference = makeReference(
      device,
      state.halves[half].reference,
      data.boxPx,
      options.paddingFactor,
      // Defocus shows most in the finest shells, damped as they are.
      state.stage === "defocus" ? context.largestShell : state.radiusShell,
    );
    const isScan = state.stage === "global";
    const shell = scanShell(state.radiusShell, data.boxPx, data.pixelSizeA, context.diameterA, options.scanResolutionA);
    const source: CloudSource = isScan
      ? {
          kind: "scan",
          levels: makeScanLevels({
            maxShell: shell,
            boxPx: data.boxPx,
            pixelSizeA: data.pixelSizeA,
            diameterA: context.diameterA,
            shiftSigmaPx,
            group: context.group,
            seed: options.seed,
            round,
          }),
          survivorCount: SURVIVORS * options.keepCells,
          margin: SURVIVOR_MARGIN,
          keepCount: options.keepCells,
          temper: SCAN_TEMPER,
          sharing: {
            comm: context.comm,
            mode: options.slices,
            heldBytesLimit: context.heldSliceBytes,
            onChoice: (fields) => context.log.event("expectation.slices", { round, half, ...fields }),
          },
        }
      : { kind: "continue", cloudOf: cloudReader(context, state, previous, half) };
    try {
      await expectHalf(device, context.band, data.reader, model, reference, store, {
        half,
        particles: data.halves[half],
        blockSize: context.blockSize,
        ownBlocks: ownBlocks(context, half),
        blocksPerBatch: context.blocksPerBatch,
        mask: context.imageMask,
        source,
        defocus: defocusPlanOf(context, state, half),
        filter: {
          phases: filterPhases(
            isScan ? shell : state.radiusShell,
            state.radiusShell,
            options.rotationsPerImage,
            options.shiftsPerRotation,
            mates?.count,
          ),
          parentCount: options.rotationsPerImage,
          enoughEss: ENOUGH_ESS,
          degreesOfFreedom: DEGREES_OF_FREEDOM,
          shiftSigmaPx,
          symmetry: Float32Array.from(mapGroupOf(context, state).quaternions),
          ...(mates ? { mates } : {}),
          stream: round,
        },
        insertedRotations: options.insertedRotations,
        signal: context.signal,
        onScan: (done, of) => context.log.event("expectation.scan", { round, half, done, total: of, unit: "slices" }),
        onBatch: (done) => context.log.event("expectation.batch", { round, half, done: before + done, total }),
      });
      await device.idle();
    } finally {
      reference.free();
    }
    before += ownParticleCount(context, half);
  }
}

/** Clouds of the round before, read block by block; without one, a cloud of one pose each. */
function cloudReader(context: RunContext, state: RefinementState, previous: PosteriorStore | null, half: 0 | 1) {
  const particles = context.data.halves[half];
  const rowOf = new Map<number, number>();
  for (const [i, p] of particles.entries()) rowOf.set(p, i);
  const J = context.options.rotationsPerImage;
  return async (wanted: Int32Array, recentrePx: Int32Array): Promise<Cloud> => {
    const n = wanted.length;
    const cloud = {
      parentCount: J,
      rotations: new Float32Array(n * J * 4),
      shiftsPx: new Float32Array(n * J * 2),
      weights: new Float32Array(n * J).fill(1 / J),
      kernel: new Float32Array(n * KERNEL_FIELDS),
    };
    const fresh = isotropicKernel((START_ROTATION_DEG * Math.PI) / 180, START_SHIFT_PX);
    let block: PosteriorBlock | undefined;
    for (let i = 0; i < n; i++) {
      const row = rowOf.get(wanted[i]!)!;
      const index = Math.floor(row / context.blockSize);
      if (previous && block?.index !== index) block = await previous.read(half, index);
      if (block) {
        const at = row - index * context.blockSize;
        cloud.rotations.set(block.parentRotations.subarray(at * J * 4, (at + 1) * J * 4), i * J * 4);
        cloud.shiftsPx.set(block.parentShiftsPx.subarray(at * J * 2, (at + 1) * J * 2), i * J * 2);
        cloud.kernel.set(block.kernel.subarray(at * KERNEL_FIELDS, (at + 1) * KERNEL_FIELDS), i * KERNEL_FIELDS);
      } else {
        for (let j = 0; j < J; j++) {
          cloud.rotations.set(state.rotation.subarray(4 * wanted[i]!, 4 * wanted[i]! + 4), (i * J + j) * 4);
          cloud.shiftsPx.set(state.shiftPx.subarray(2 * wanted[i]!, 2 * wanted[i]! + 2), (i * J + j) * 2);
        }
        cloud.kernel.set(fresh, i * KERNEL_FIELDS);
      }
      for (let j = 0; j < J; j++) {
        for (let c = 0; c < 2; c++) cloud.shiftsPx[(i * J + j) * 2 + c]! -= recentrePx[2 * i + c]!;
      }
    }
    return cloud;
  };
}
