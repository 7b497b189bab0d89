import { duration, grouped, shown, text } from "./html.ts";
import type { MapPicture } from "./map-pictures.ts";
import { PAGE_STYLE } from "./page-style.ts";
import type { RunNumbers } from "./run-numbers.ts";
import { mapSection, orientationSection, particleSection, resolutionSection } from "./sections.ts";
import { micrographSection, optionSection, postprocessSection, roundSection } from "./tables.ts";

/**
 * The report as one HTML file: no script, no request (its own policy forbids both), pictures and styles inside.
 * All text from files is escaped.
 */
export function reportPage(run: RunNumbers, pictures: readonly MapPicture[]): string {
  const name = run.folder.replace(/\/+$/, "").split("/").at(-1) || "run";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="generator" content="Vitreous ${text(run.version)}">
<title>${text(name)} – Vitreous report</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<header>
<p class="eyebrow">Vitreous · refinement report</p>
<h1>${text(name)}</h1>
<p class="lead">${lead(run)}</p>
${readout(run)}
<p class="note">${resolutionNote(run)}</p>
${warnings(run)}
</header>
${[
  mapSection(run, pictures),
  resolutionSection(run),
  orientationSection(run),
  particleSection(run),
  postprocessSection(run),
  roundSection(run),
  micrographSection(run),
  optionSection(run),
].join("\n")}
<footer>Made by Vitreous ${text(run.version)} from ${text(run.folder)}. The same numbers as JSON lie beside this page. Run started ${text(run.started)} on ${text(run.hostName)}, ${text(run.device)}.</footer>
</main>
</body>
</html>
`;
}

function lead(run: RunNumbers): string {
  const symmetry = run.symmetry === "C1" ? "without symmetry (C1)" : `with ${text(run.symmetry)} symmetry`;
  const end = run.isFinished
    ? run.reason === null
      ? "finished"
      : `finished: ${text(run.reason)}`
    : "still under way, and everything below is of its last round";
  return (
    `${grouped(run.particleCount)} particles of ${run.boxPx} px at ${Number(run.pixelSizeA.toFixed(4))} Å per pixel, refined ` +
    `${symmetry} in ${run.rounds.length} ${run.rounds.length === 1 ? "round" : "rounds"}; ${end}.`
  );
}

function readout(run: RunNumbers): string {
  const last = run.rounds.at(-1);
  const cells: (readonly [name: string, value: string, unit: string])[] = [
    run.resolution === null
      ? ["Resolution so far", shown(last?.resolution0143A, 2), "Å"]
      : ["Resolution, corrected", shown(run.resolution.resolutionA, 2), "Å"],
    run.resolution === null
      ? ["FSC 0.5, unmasked", shown(last?.resolution05A, 2), "Å"]
      : ["Resolution, unmasked", shown(run.resolution.unmaskedResolutionA, 2), "Å"],
    ["Show the particle", last ? shown(100 * last.goodShare, 1) : "–", "%"],
    ["Last median turn", shown(last?.movedDeg, 2), "°"],
    ["Time", run.elapsedMs > 0 ? duration(run.elapsedMs) : "–", ""],
  ];
  return `<dl class="readout">${cells
    .map(([name, value, unit], i) => {
      const tail = unit === "" ? "" : ` <small>${unit}</small>`;
      return `<div${i === 0 ? ' class="main"' : ""}><dt>${name}</dt><dd>${value}${tail}</dd></div>`;
    })
    .join("")}</dl>`;
}

function resolutionNote(run: RunNumbers): string {
  if (run.resolution === null) {
    return "Resolution of the unmasked half maps of the last round at FSC 0.143; the masked, corrected value is measured when the run ends.";
  }
  const { threshold, mask, randomisedBeyondA } = run.resolution;
  return (
    `Where the Fourier shell correlation of the two half maps falls below ${threshold}. Mask: ${text(mask)}; ` +
    `its own correlation is taken out by phases made random beyond ${shown(randomisedBeyondA, 1)} Å.`
  );
}

function warnings(run: RunNumbers): string {
  const rejected = run.rejected.map(({ reason, count }) => `${grouped(count)} left out: ${reason}.`);
  const all = [...run.warnings, ...rejected];
  if (all.length === 0) return "";
  const lines = all.slice(0, 8).map((line) => `<p>${text(line)}</p>`);
  const more = all.length > 8 ? `<p>… and ${all.length - 8} more in events.jsonl</p>` : "";
  return `<div class="warnings">${lines.join("")}${more}</div>`;
}
