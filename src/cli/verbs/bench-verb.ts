import type { BenchOptions } from "../../options/bench-options.ts";
import { benchScale, figureRows } from "../../plan/bench-scale.ts";
import { columns } from "../columns.ts";
import type { VerbContext } from "./verb-context.ts";

export async function benchVerb(options: BenchOptions, { terminal }: VerbContext): Promise<void> {
  const { figures, files, ratesSource } = await benchScale(options);
  for (const figure of figures) {
    terminal.writeResult(
      `${figure.chart.title}: ${figure.chart.yLabel}\n${columns(figureRows(figure), "  ")}${figure.setting}.\n\n`,
    );
  }
  terminal.writeResult(`Rates: ${ratesSource}. Simulated, not measured.\n`);
  for (const file of files) terminal.writeResult(`${file}\n`);
}
