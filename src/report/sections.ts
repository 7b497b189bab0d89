import { shellToResolutionA } from "../geometry/shells.ts";
import { PLANE_AXES } from "../map/planes.ts";
import { fscFigure, histogramFigure, movementFigure, noiseFigure, resolutionFigure } from "./figures.ts";
import { grouped, shown, text } from "./html.ts";
import { shiftsFigure, viewsFigure } from "./map-figures.ts";
import type { MapPicture } from "./map-pictures.ts";
import type { RunNumbers } from "./run-numbers.ts";

/** Lengths that a scale bar may have, Å. */
const BARS_A = [5, 10, 20, 50, 100, 200, 500, 1000];

type Key = readonly [style: string, name: string];

/** A figure: its name, its key, the drawing, and what it means. */
function card(name: string, drawing: string, meaning: string, keys: readonly Key[] = []): string {
  const legend =
    keys.length === 0
      ? ""
      : `<ul class="legend">${keys.map(([style, label]) => `<li class="${style}">${text(label)}</li>`).join("")}</ul>`;
  return `<figure class="card"><h3>${text(name)}</h3>${legend}${drawing}<figcaption>${text(meaning)}</figcaption></figure>`;
}

function section(name: string, cards: readonly string[]): string {
  const present = cards.filter((html) => html !== "");
  return present.length === 0 ? "" : `<section><h2>${name}</h2><div class="grid">${present.join("")}</div></section>`;
}

export function mapSection(run: RunNumbers, pictures: readonly MapPicture[]): string {
  if (pictures.length === 0) return "";
  const row = (kind: MapPicture["kind"]): string =>
    `<div class="planes">${pictures
      .filter((picture) => picture.kind === kind)
      .map(planeHtml)
      .join("")}</div>`;
  const what = run.isFinished ? "the refined map" : "the mean of the half maps of the last round";
  return (
    `<section><h2>Map</h2>${row("slice")}<p class="planes-caption">Central slices of ${what}, density bright: the ` +
    `inside of the molecule. Features finer than the resolution are noise.</p>${row("projection")}` +
    `<p class="planes-caption">Projections of ${what}: what a noiseless image from that direction would show.</p></section>`
  );
}

function planeHtml({ url, axis, kind, widthA }: MapPicture): string {
  const [across, up] = PLANE_AXES[axis];
  const barA = BARS_A.findLast((lengthA) => lengthA <= 0.3 * widthA) ?? BARS_A[0]!;
  const name = kind === "slice" ? `slice across ${axis}` : `along ${axis}`;
  return (
    `<div class="plane"><img src="${url}" alt="${kind} across ${axis}; ${across} to the right, ${up} upwards">` +
    `<span class="plane-name">${name}</span><span class="bar-name">${barA} Å</span>` +
    `<span class="bar-length" style="width:${((100 * barA) / widthA).toFixed(2)}%"></span></div>`
  );
}

export function resolutionSection(run: RunNumbers): string {
  const { fsc, boxPx, pixelSizeA, rounds } = run;
  const finestA = shellToResolutionA(Math.floor(boxPx / 2), boxPx, pixelSizeA);
  const keys: Key[] = [
    ...(fsc.corrected ? [["s1", "corrected"] as const] : []),
    ...(fsc.masked ? [["s2", "masked"] as const] : []),
    ["s3", "unmasked"],
    ...(fsc.randomised ? [["s4", "phases randomised"] as const] : []),
  ];
  return section("Resolution", [
    card(
      "Fourier shell correlation",
      fscFigure(fsc, boxPx, pixelSizeA),
      "How far the two half maps, made from separate halves of the particles, agree at each resolution. The corrected curve counts; where it lies near the unmasked one, the mask has not made it.",
      keys,
    ),
    rounds.length === 0
      ? ""
      : card(
          "Resolution by round",
          resolutionFigure(rounds, finestA),
          "Where the unmasked half maps of each round stop agreeing. A run is done when this line and the movement of the poses are both flat.",
          [
            ["s1", "FSC 0.143"],
            ["s3", "FSC 0.5"],
          ],
        ),
  ]);
}

export function orientationSection(run: RunNumbers): string {
  const { views } = run.particles;
  return section("Orientations", [
    views === null
      ? ""
      : card(
          "Directions of view",
          viewsFigure(views),
          `Every direction of the sphere, z up, and how many particles were seen from it${run.symmetry === "C1" ? "" : ", symmetry mates included"}. ` +
            `${shown(100 * views.emptyShare, 0)} % of the directions have less than a tenth of the mean; the fullest has ${shown(views.peak, 1)} times the mean. Empty belts smear the map along one direction.`,
        ),
    run.rounds.length === 0
      ? ""
      : card(
          "Movement by round",
          movementFigure(run.rounds),
          "Median turn of the particles since the round before, beside the width of their posterior. Poses have settled when they move less than they are uncertain.",
          run.rounds.some((round) => round.rotationSdDeg !== null)
            ? [
                ["s1", "moved"],
                ["s3", "width of the posterior"],
              ]
            : [["s1", "moved"]],
        ),
  ]);
}

export function particleSection(run: RunNumbers): string {
  const { goodProbability, maxProbability, logLikelihood, defocusUm, shifts, goodCount, halfCounts } = run.particles;
  const good = goodCount === null ? "" : `${grouped(goodCount)} of ${grouped(run.particleCount)} lie above 0.5. `;
  return section("Particles and noise", [
    goodProbability === null
      ? ""
      : card(
          "Probability of being good",
          histogramFigure(goodProbability, "Histogram of p(good)", "p(good), vitGoodProbability"),
          `How surely each image shows the particle at all rather than noise or something else. ${good}Images count in the map with this weight; a clean set has one peak at 1.`,
        ),
    shifts === null
      ? ""
      : card(
          "Shifts",
          shiftsFigure(shifts),
          `Where the particles lie relative to the middle of their image; half of them within ${shown(shifts.medianA, 1)} Å. A second spot means badly centred picks or a second object.`,
        ),
    defocusUm === null
      ? ""
      : card(
          "Defocus",
          histogramFigure(defocusUm, "Histogram of defocus", "defocus (µm)"),
          `Mean of U and V, median ${shown(defocusUm.median, 2)} µm. A spread fills the gaps that the CTF leaves at any one defocus.`,
        ),
    logLikelihood === null
      ? ""
      : card(
          "Score",
          histogramFigure(logLikelihood, "Histogram of log-likelihood", "log-likelihood, rlnLogLikeliContribution"),
          `How much better the map explains each image than its noise does. Half-sets of ${grouped(halfCounts[0])} and ${grouped(halfCounts[1])} particles. A separate low group is worth a look (vitreous select).`,
        ),
    maxProbability === null
      ? ""
      : card(
          "Sharpness of the posterior",
          histogramFigure(maxProbability, "Histogram of the largest posterior weight", "largest weight of one pose"),
          "How much of each image's probability lies in its best pose. Small values are usual here: the posterior is spread over many support points.",
        ),
    noiseCard(run),
  ]);
}

function noiseCard(run: RunNumbers): string {
  const { noise, boxPx, pixelSizeA } = run;
  if (noise.length === 0) return "";
  const keys: Key[] =
    noise.length === 1
      ? [
          ["s1", "half-set 1"],
          ["s2", "half-set 2"],
        ]
      : noise.slice(0, 6).map((group, i) => [`g${i}`, `group ${group.group}`] as const);
  return card(
    "Noise spectrum",
    noiseFigure(noise, boxPx, pixelSizeA),
    "Power of the noise at each resolution, as estimated from what the map does not explain. It should be smooth, and equal in both half-sets; spikes come from detectors or from ice.",
    keys,
  );
}
