import { readText } from "../io/node/text-file.ts";
import { defaultRates, type KernelRates, ratesFromBench } from "./kernel-rates.ts";
import { measureRates } from "./measure-rates.ts";

/** Kernel rates by name: `default`, `measure`, or a file of bench/results/. */
export async function ratesOf(name: string): Promise<KernelRates> {
  if (name === "default") return defaultRates;
  if (name === "measure") return measureRates();
  return ratesFromBench(readText(name), name);
}
