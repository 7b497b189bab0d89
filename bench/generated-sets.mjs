// Test sets from a map by an outside simulator (real-space projection, not the method under test).
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const shared = fileURLToPath(new URL("../../shared/", import.meta.url));
export const DEFAULT_SIMULATOR = join(shared, "tools/simulate.mjs");
export const DEFAULT_MAP = join(shared, "data/maps/ribosome-70S-64px-sharpened.mrc");

/** Runs the simulator; returns what it says about the set (box, pixel size, noise). */
export function simulateSet(simulator, map, folder, options) {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  mkdirSync(folder, { recursive: true });
  const result = spawnSync(process.execPath, [simulator, map, folder, ...args], { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`${simulator} ${map} failed:\n${result.stderr}`);
  return JSON.parse(result.stdout);
}

/** The sets of the comparison with RELION: like ribosome-64, other seeds. Made once. */
export function comparisonSet(simulator, map, folder, seed) {
  if (!existsSync(join(folder, "particles.star"))) {
    simulateSet(simulator, map, folder, { n: 2000, snr: 0.1, shift: 2, junk: 0.05, lowpass: 60, seed });
  }
  return folder;
}

/** The maker of MRC and STAR files beside the simulator. */
export const simulatorLibrary = (simulator) => import(new URL("emlib.mjs", `file://${dirname(simulator)}/`).href);
