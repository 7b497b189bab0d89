import { refineTable } from "../options/refine-options.ts";
import { duration, grouped, shown, text } from "./html.ts";
import type { RoundNumbers, RunNumbers } from "./run-numbers.ts";

/** One row per round. */
export function roundSection(run: RunNumbers): string {
  if (run.rounds.length === 0) return "";
  const columns: readonly (readonly [head: string, cell: (round: RoundNumbers) => string])[] = [
    ["round", (r) => String(r.round)],
    ["stage", (r) => text(r.stage)],
    ["in use (Å)", (r) => shown(r.resolutionInUseA, 1)],
    ["FSC 0.143 (Å)", (r) => shown(r.resolution0143A, 2)],
    ["FSC 0.5 (Å)", (r) => shown(r.resolution05A, 2)],
    ["turned (°)", (r) => shown(r.movedDeg, 3)],
    ["shifted (Å)", (r) => shown(r.shiftMovedA, 3)],
    ["good (%)", (r) => shown(100 * r.goodShare, 1)],
    ["time", (r) => (r.elapsedMs === null ? "–" : duration(r.elapsedMs))],
  ];
  const head = columns.map(([name]) => `<th>${name}</th>`).join("");
  const rows = run.rounds.map((round) => `<tr>${columns.map(([, cell]) => `<td>${cell(round)}</td>`).join("")}</tr>`);
  return `<section><h2>Rounds</h2><div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div></section>`;
}

/** The micrographs with the smallest share of good particles. */
export function micrographSection(run: RunNumbers): string {
  if (run.micrographs.length === 0) return "";
  const rows = run.micrographs.map(
    ({ name, particleCount, goodShare }) =>
      `<tr><td class="text">${text(name)}</td><td>${grouped(particleCount)}</td>` +
      `<td>${shown(100 * goodShare, 1)}<span class="meter"><i style="width:${(100 * Math.min(1, Math.max(0, goodShare))).toFixed(0)}%"></i></span></td></tr>`,
  );
  return (
    `<section><h2>Micrographs to look at first</h2><p class="note before">Lowest mean p(good) first. A micrograph far below the others may be out of focus, drifted or picked badly.</p><div class="scroll"><table><thead><tr><th>micrograph</th><th>particles</th>` +
    `<th>good (%)</th></tr></thead><tbody>${rows.join("")}</tbody></table></div></section>`
  );
}

/** Every option of the run; those that were not left at their default first. */
export function optionSection(run: RunNumbers): string {
  const table: Readonly<Record<string, { readonly defaultValue: unknown; readonly help: string }>> = refineTable;
  const all = Object.entries(run.options).map(([name, value]) => {
    const option = Object.hasOwn(table, name) ? table[name] : undefined;
    const isChanged = option === undefined || JSON.stringify(option.defaultValue) !== JSON.stringify(value);
    return { name, value: valueText(value), help: option?.help ?? "", isChanged };
  });
  const rows = (isChanged: boolean): string =>
    all
      .filter((option) => option.isChanged === isChanged)
      .map(
        ({ name, value, help }) =>
          `<tr class="${isChanged ? "changed" : "plain"}"><td>${text(name)}</td><td class="text">${text(value)}</td><td class="text help">${text(help)}</td></tr>`,
      )
      .join("");
  const body = (html: string): string => `<div class="scroll"><table><tbody>${html}</tbody></table></div>`;
  const defaults = rows(false);
  return (
    `<section><h2>Options</h2>${body(rows(true))}` +
    (defaults === ""
      ? ""
      : `<details style="margin-top:16px"><summary>Left at their defaults</summary>${body(defaults)}</details>`) +
    "</section>"
  );
}

function valueText(value: unknown): string {
  if (value === null) return "none";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** What post-processing found, each figure with its meaning. */
export function postprocessSection(run: RunNumbers): string {
  const found = run.postprocess;
  if (found === null) return "";
  const inMask = found.mask === null ? "" : ` Mask: ${found.mask}.`;
  const span =
    found.finestA === null || found.coarsestA === null
      ? ""
      : ` Resolution lies between ${shown(found.finestA, 2)} and ${shown(found.coarsestA, 2)} Å, by direction.`;
  const all: readonly (readonly [name: string, value: number | null, digits: number, unit: string, meaning: string])[] =
    [
      ["Resolution", found.resolutionA, 2, "Å", `FSC 0.143 inside the mask, its own correlation taken out.${inMask}`],
      [
        "B-factor",
        found.bFactorA2,
        1,
        "Å²",
        "Sharpening applied, with RELION's sign: the more negative, the faster the amplitudes had fallen.",
      ],
      ["Directional FSC", found.areaRatio, 2, "", `Worst over best direction; below 0.5 views are missing.${span}`],
      [
        "Sampling",
        found.samplingCompensation,
        2,
        "",
        "How evenly the views fill Fourier space; below 0.81 they do not.",
      ],
      ["Map to model", found.modelResolutionA, 2, "Å", "Where the map and the atomic model stop agreeing (FSC 0.5)."],
    ];
  const rows = all.flatMap(([name, value, digits, unit, meaning]) =>
    value === null
      ? []
      : [
          `<tr><td>${name}</td><td>${shown(value, digits)} ${unit}</td><td class="text help">${text(meaning)}</td></tr>`,
        ],
  );
  return `<section><h2>Post-processing</h2><div class="scroll"><table><tbody>${rows.join("")}</tbody></table></div></section>`;
}
