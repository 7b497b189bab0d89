import { pointGroup } from "../geometry/point-group.ts";
import { refineTable } from "../options/refine-options.ts";
import type { ClusterModel } from "./cluster-model.ts";
import { type KernelRates, kernelSeconds } from "./kernel-rates.ts";
import type { ChartOptions, Series } from "./line-chart.ts";
import { paperModelBytes } from "./rank-memory.ts";
import { expectationTime, type Modes, maximizationTime, roundTime, type Setting } from "./round-time.ts";
import { type PlanProblem, type RoundWork, roundWork } from "./round-work.ts";

/** One of the design paper's experiments: curves, and what they were computed for. */
export interface Figure {
  /** Of the paper: 4, 6, 7, 8 or 9; with "-sharing" what of it the way to share slices decides. */
  readonly name: string;
  readonly chart: ChartOptions;
  readonly series: readonly Series[];
  readonly setting: string;
}

export const FIGURES = [4, 6, 7, 8, 9] as const;
export type FigureNumber = (typeof FIGURES)[number];

export interface FigureMachine {
  readonly rates: KernelRates;
  /** The paper's machine for E (6, 7, 8) and for M (9), or one machine for all. */
  readonly expectation: ClusterModel;
  readonly maximization: ClusterModel;
  readonly stragglerSd: number;
  readonly seed: number;
}

/** The paper's data set: 211,826 images of a cyclic-nucleotide-gated channel (C4), 160 px, padded to 320. */
export const CNG_PARTICLES = 211_826;

/** 1.32 Å at 160 px; a larger box holds the same field at a finer pixel. */
export function cngProblem(boxPx = 160, griddingIterations = 10): PlanProblem {
  const pixelSizeA = (1.32 * 160) / boxPx;
  return {
    particleCount: CNG_PARTICLES,
    boxPx,
    pixelSizeA,
    diameterA: 160,
    group: pointGroup("C4"),
    paddingFactor: 2,
    offsetSigmaA: 10,
    initialResolutionA: 60,
    finestResolutionA: Math.max(3, 3 * pixelSizeA),
    scanResolutionA: 0,
    rotationsPerImage: refineTable.rotationsPerImage.defaultValue as number,
    shiftsPerRotation: refineTable.shiftsPerRotation.defaultValue as number,
    insertedRotations: refineTable.insertedRotations.defaultValue as number,
    keepCells: 256,
    griddingIterations,
    // Small blocks: with the default of 256 there are only 414 of a half-set to share out.
    checkpointParticles: 8,
    batchParticles: 2048,
    seed: 0,
  };
}

const BASE: Modes = { slices: "recompute", sliceGroup: 1, model: "replicated", modelGroups: 1 };
const SLICE_SERIES: readonly { readonly label: string; readonly modes: Modes }[] = [
  { label: "each rank all slices", modes: BASE },
  { label: "all-reduce (published)", modes: { ...BASE, slices: "allreduce" } },
  { label: "all-gather", modes: { ...BASE, slices: "allgather" } },
  { label: "conveyor", modes: { ...BASE, slices: "conveyor" } },
  { label: "grouped by 16", modes: { ...BASE, slices: "grouped", sliceGroup: 16 } },
];
const MODEL_SERIES = [
  { label: "replicated (baseline)", mode: "replicated" },
  { label: "all-gather (published)", mode: "allgather" },
  { label: "slab", mode: "slab" },
] as const;

const BOXES = [64, 128, 192, 256, 384, 512, 768, 1024];
const NODES = [16, 32, 64, 128, 256, 512, 1024, 2048];
const SCALING_NODES = [256, 512, 1024, 2048, 4096];

export function figuresOf(number: FigureNumber, machine: FigureMachine): readonly Figure[] {
  switch (number) {
    case 4:
      return [memoryFigure()];
    case 6:
      return nodesFigures(machine);
    case 7:
      return imageSizeFigures(machine);
    case 8:
      return [scalabilityFigure(machine)];
    case 9:
      return [modelSizeFigure(machine)];
    default:
      throw new TypeError(`no figure ${number satisfies never}`);
  }
}

/** Fig. 4: F, T, W and C of one reconstruction on one rank. */
function memoryFigure(): Figure {
  const members = [8, 32];
  const series = MODEL_SERIES.flatMap(({ label, mode }) =>
    (mode === "replicated" ? [1] : members).map((n) => ({
      label: mode === "replicated" ? label : `${label}, ${n} ranks`,
      points: BOXES.map((boxPx) => [boxPx, paperModelBytes(mode, n, boxPx, 2) / 1e9] as const),
    })),
  );
  return {
    name: "4",
    chart: {
      title: "Memory of the model on one rank (fig. 4)",
      xLabel: "box (px), padding 2",
      yLabel: "GB",
      isLogX: true,
      isLogY: true,
    },
    series,
    setting:
      "F, T, W and C counted as complex float volumes of the padded box, as the paper counts; here T and W are real, which is a quarter less",
  };
}

/** Fig. 6: E against the number of nodes, images of 256 px. */
function nodesFigures(machine: FigureMachine): readonly Figure[] {
  const setting = settingOf(machine, machine.expectation, cngProblem(256));
  const work = roundWork(setting.problem, "global");
  const rows = NODES.map((nodes) => ({ x: nodes, nodes, setting, work }));
  return expectationFigures("6", "Expectation phase against nodes, 256 px", "nodes", rows);
}

/** Fig. 7: E against the size of the images, 512 nodes. */
function imageSizeFigures(machine: FigureMachine): readonly Figure[] {
  const rows = BOXES.map((boxPx) => {
    const setting = settingOf(machine, machine.expectation, cngProblem(boxPx));
    return { x: boxPx, nodes: 512, setting, work: roundWork(setting.problem, "global") };
  });
  return expectationFigures("7", "Expectation phase against image size, 512 nodes", "box (px)", rows);
}

interface ExpectationPoint {
  readonly x: number;
  readonly nodes: number;
  readonly setting: Setting;
  readonly work: RoundWork;
}

/** The whole phase, and the part that depends on how slices are shared: sampling, exchange, waiting for blocks. */
function expectationFigures(
  name: string,
  title: string,
  xLabel: string,
  rows: readonly ExpectationPoint[],
): readonly Figure[] {
  const times = SLICE_SERIES.map(({ label, modes }) => ({
    label,
    times: rows.map((row) => ({ x: row.x, time: expectationTime(row.setting, row.work, row.nodes, modes) })),
  }));
  const chart = { xLabel, isLogX: true, isLogY: true };
  const setting = settingText(rows[0]!.setting, rows[0]!.work.scan);
  // Equal nodes: what stragglers make others wait is not the price of sharing.
  const shared = SLICE_SERIES.map(({ label, modes }) => ({
    label,
    points: rows.map(({ x, nodes, setting, work }) => {
      const { parts } = expectationTime({ ...setting, stragglerSd: 0 }, work, nodes, modes);
      return [x, parts["sampling"]! + parts["exchange"]! + parts["waiting"]!] as const;
    }),
  }));
  const own = rows.map((row) => [row.x, ownSlicesSeconds(row)] as const);
  return [
    {
      name,
      chart: { ...chart, title: `${title} (fig. ${name})`, yLabel: "seconds, one global round" },
      series: [
        {
          label: "own slices for each image",
          points: rows.map((row, i) => [row.x, times[0]!.times[i]!.time.seconds + own[i]![1]] as const),
        },
        ...times.map((s) => ({ label: s.label, points: s.times.map(({ x, time }) => [x, time.seconds] as const) })),
      ],
      setting,
    },
    {
      name: `${name}-sharing`,
      chart: { ...chart, title: `${title}: sampling, exchange, waiting`, yLabel: "seconds, one global round" },
      series: shared,
      setting,
    },
  ];
}

/** What the naive form spends beyond one set of slices a rank: a set for each of its images (the paper's baseline). */
function ownSlicesSeconds({ setting, nodes, work }: ExpectationPoint): number {
  const scan = work.scan!;
  const images = setting.problem.particleCount / nodes;
  return (images - 2) * scan.sliceCount * kernelSeconds(scan.perSlice, setting.rates, setting.cluster.node);
}

/** Fig. 8: speed-up of a global round from 256 nodes on. */
function scalabilityFigure(machine: FigureMachine): Figure {
  const setting = settingOf(machine, machine.expectation, cngProblem());
  const work = roundWork(setting.problem, "global");
  const first = SCALING_NODES[0]!;
  const ways: readonly { readonly label: string; readonly modes: Modes }[] = [
    { label: "all-reduce, replicated", modes: { ...BASE, slices: "allreduce" } },
    { label: "conveyor, all-gather (published)", modes: { ...BASE, slices: "conveyor", model: "allgather" } },
    { label: "conveyor, slab", modes: { ...BASE, slices: "conveyor", model: "slab" } },
    {
      label: "grouped by 16, slab, 64 groups",
      modes: { slices: "grouped", sliceGroup: 16, model: "slab", modelGroups: 64 },
    },
    { label: "recompute, slab, 64 groups", modes: { ...BASE, model: "slab", modelGroups: 64 } },
  ];
  return {
    name: "8",
    chart: {
      title: "Speed-up of a global round from 256 nodes (fig. 8)",
      xLabel: "nodes",
      yLabel: "speed-up against 256 nodes",
      isLogX: true,
      isLogY: true,
    },
    series: [
      { label: "ideal", points: SCALING_NODES.map((n) => [n, n / first] as const) },
      ...ways.map(({ label, modes }) => {
        const base = roundTime(setting, work, first, modes).seconds;
        return {
          label,
          points: SCALING_NODES.map((n) => [n, base / roundTime(setting, work, n, modes).seconds] as const),
        };
      }),
    ],
    setting: `${settingText(setting, work.scan)}; each curve against its own 256 nodes`,
  };
}

/** Fig. 9: M against the size of the model, 32 nodes in 4 groups. */
function modelSizeFigure(machine: FigureMachine): Figure {
  const nodes = 32;
  const groups = 4;
  const boxes = BOXES.filter((boxPx) => boxPx >= 128);
  const timeOf = (boxPx: number, modes: Modes) => {
    // The images are inserted alike in every mode; few of them show what the model costs.
    const setting = settingOf(machine, machine.maximization, { ...cngProblem(boxPx), particleCount: 32 * 100 });
    return maximizationTime(setting, roundWork(setting.problem, "local"), nodes, modes).seconds;
  };
  return {
    name: "9",
    chart: {
      title: "Maximization phase against model size, 32 nodes in 4 groups (fig. 9)",
      xLabel: "box (px), padding 2",
      yLabel: "seconds, one round",
      isLogX: true,
      isLogY: true,
    },
    series: MODEL_SERIES.flatMap(({ label, mode }) =>
      (mode === "slab" ? [groups, 1] : [groups]).map((g) => ({
        label: g === 1 ? `${label}, 1 group` : label,
        points: boxes.map((boxPx) => [boxPx, timeOf(boxPx, { ...BASE, model: mode, modelGroups: g })] as const),
      })),
    ),
    setting: `3,200 images, 10 gridding iterations; ${machine.maximization.source}`,
  };
}

function settingOf(machine: FigureMachine, cluster: ClusterModel, problem: PlanProblem): Setting {
  return { problem, rates: machine.rates, cluster, stragglerSd: machine.stragglerSd, seed: machine.seed };
}

function settingText(
  { problem, cluster }: Setting,
  scan: { readonly sliceCount: number; readonly shiftCount: number; readonly pixelCount: number } | null,
): string {
  const counts = scan ? `, ${scan.sliceCount} slices × ${scan.shiftCount} shifts × ${scan.pixelCount} pixels` : "";
  return `${problem.particleCount} particles${counts}; ${cluster.source}`;
}
