import { writeFileAtomic } from "../io/node/atomic-write.ts";
import { joinPath, makeFolder } from "../io/node/folders.ts";
import { type BenchInput, benchTable } from "../options/bench-options.ts";
import { completeOptions } from "../options/complete-options.ts";
import type { clusterPresets } from "./cluster-model.ts";
import { clusterOf } from "./cluster-of.ts";
import { FIGURES, type Figure, type FigureNumber, figuresOf } from "./figures.ts";
import { lineChart } from "./line-chart.ts";
import { ratesOf } from "./rates-of.ts";

export interface BenchResult {
  readonly figures: readonly Figure[];
  /** Of each figure, a picture and a table. */
  readonly files: readonly string[];
  readonly ratesSource: string;
}

/** The design paper's scaling experiments, simulated: tables (tab-separated) and pictures (SVG) in a folder. */
export async function benchScale(input: BenchInput): Promise<BenchResult> {
  const options = completeOptions("bench", benchTable, input);
  const rates = await ratesOf(options.rates);
  const rank = { threads: options.threads, memoryGb: 0 };
  const onPaperMachines = options.cluster === "paper";
  const expectation = clusterOf({ ...options, cluster: onPaperMachines ? "taihulight" : oneOf(options.cluster) }, rank);
  const maximization = clusterOf({ ...options, cluster: onPaperMachines ? "haswell" : oneOf(options.cluster) }, rank);
  const numbers = options.figure === "all" ? FIGURES : [Number(options.figure) as FigureNumber];
  const { stragglerSd, seed } = options;
  const figures = numbers.flatMap((number) =>
    figuresOf(number, { rates, expectation, maximization, stragglerSd, seed }),
  );
  const files: string[] = [];
  makeFolder(options.out);
  for (const figure of figures) {
    const picture = joinPath(options.out, `figure-${figure.name}.svg`);
    const table = joinPath(options.out, `figure-${figure.name}.tsv`);
    writeFileAtomic(picture, lineChart(figure.series, figure.chart));
    writeFileAtomic(table, tabSeparated(figure));
    files.push(picture, table);
  }
  return { figures, files, ratesSource: rates.source };
}

/** One row per abscissa, one column per curve. */
export function figureRows({ series, chart }: Figure): string[][] {
  const xs = [...new Set(series.flatMap((s) => s.points.map(([x]) => x)))].sort((a, b) => a - b);
  const cell = (s: Figure["series"][number], x: number) => {
    const y = s.points.find(([at]) => at === x)?.[1];
    return y === undefined ? "" : y.toPrecision(4);
  };
  return [
    [chart.xLabel, ...series.map((s) => s.label)],
    ...xs.map((x) => [String(x), ...series.map((s) => cell(s, x))]),
  ];
}

function tabSeparated(figure: Figure): string {
  const lines = [
    `# ${figure.chart.title}: ${figure.chart.yLabel}`,
    `# ${figure.setting}`,
    ...figureRows(figure).map((row) => row.join("\t")),
  ];
  return `${lines.join("\n")}\n`;
}

function oneOf(name: string): keyof typeof clusterPresets {
  return name as keyof typeof clusterPresets;
}
