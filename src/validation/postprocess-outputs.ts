import { writeFileAtomic } from "../io/node/atomic-write.ts";
import { joinPath, makeFolder } from "../io/node/folders.ts";
import { writeMapFile } from "../io/node/map-file.ts";
import { writeStarFileAtomic } from "../io/node/star-file.ts";
import { guinierPlot } from "../map/guinier-plot.ts";
import { applyMaskInto } from "../map/masks.ts";
import { slicesPicture } from "../map/slices-picture.ts";
import { PAGE_GAP, pageTop, svgPage } from "../map/svg-page.ts";
import type { PostprocessOptions } from "../options/postprocess-options.ts";
import { particlesToStar } from "../particles/to-star.ts";
import { CROSS_SCORE_LABEL } from "./cross-scores.ts";
import { directionsPicture } from "./directional-report.ts";
import { writeEmdbBundle } from "./emdb-bundle.ts";
import { fscPicture, fscRecord, fscXml, resolutionText } from "./fsc-report.ts";
import { localPicture } from "./local-report.ts";
import type { Measurements } from "./measurements.ts";
import { orientationsPicture } from "./orientations.ts";
import { particleScoresPicture } from "./particle-scores.ts";
import type { PostprocessFiles } from "./postprocess-input.ts";
import type { PostprocessRecord } from "./postprocess-record.ts";
import { postprocessDocument } from "./postprocess-star.ts";

/** Paths by what they are; those not asked for or not possible are absent. */
export type WrittenFiles = Readonly<Record<string, string>>;

/** Writes all results, the JSON last: where it is, everything is. */
export function writePostprocess(
  files: PostprocessFiles,
  found: Measurements,
  record: PostprocessRecord,
  options: PostprocessOptions,
): WrittenFiles {
  const { boxPx, pixelSizeA, sharpened, mask, local } = found;
  makeFolder(files.out);
  const written: Record<string, string> = {};
  const path = (what: string, name: string) => {
    written[what] = joinPath(files.out, name);
    return written[what];
  };
  const map = (what: string, name: string, data: Float32Array) =>
    writeMapFile(path(what, name), { sizeX: boxPx, sizeY: boxPx, sizeZ: boxPx, pixelSizeA, data });
  const text = (what: string, name: string, content: string) => writeFileAtomic(path(what, name), content);

  const masked = applyMaskInto(new Float32Array(boxPx ** 3), sharpened.map, mask.mask);
  map("sharpened map", "postprocess.mrc", sharpened.map);
  map("sharpened map, masked", "postprocess_masked.mrc", masked);
  map("mask", "postprocess_mask.mrc", mask.mask);
  if (local) {
    map("local resolution", "postprocess_locres.mrc", local.maps.resolutionA);
    map("locally filtered map", "postprocess_locres_filtered.mrc", local.maps.filtered);
    text("local resolution plot", "postprocess_locres.svg", localPicture(local.maps, mask.mask, local.figures, boxPx));
  }
  const star = path("curves", "postprocess.star");
  const halfMaps = [files.half1, files.half2] as const;
  writeStarFileAtomic(star, postprocessDocument(star, { ...found, halfMaps }));
  const xml = fscXml(found.fsc);
  text("FSC XML", "postprocess_fsc.xml", xml);
  text("FSC plot", "postprocess_fsc.svg", fscPage(found));
  text("Guinier plot", "postprocess_guinier.svg", guinierPage(found));
  text(
    "directional FSC plot",
    "postprocess_directions.svg",
    directionsPicture(found.anisotropy, found.fsc.masked!.corrected, found, mask.name),
  );
  if (found.orientations) {
    text("orientation plot", "postprocess_orientations.svg", orientationsPicture(found.orientations));
  }
  if (found.scores.length > 0) {
    const picture = particleScoresPicture(found.scores, found.goodShare);
    text("particle scores plot", "postprocess_particles.svg", picture);
  }
  if (found.crossScores) {
    const { table, score } = found.crossScores;
    const extra = [{ label: CROSS_SCORE_LABEL, numbers: score }];
    writeStarFileAtomic(path("scored particles", "postprocess_particles.star"), particlesToStar(table, { extra }));
  }
  text("picture", "postprocess_summary.svg", summaryPage(found, masked));
  if (options.emdbBundle) {
    const folder = joinPath(files.out, "emdb");
    const figures = {
      resolution: record.resolution,
      bFactorA2: record.bFactorA2,
      symmetry: files.symmetry,
      particleCount: record.orientations?.particleCount ?? null,
    };
    const input = { folder, boxPx, pixelSizeA, map: sharpened.map, mask: mask.mask, halfMaps, fscXml: xml, figures };
    writeEmdbBundle(input);
    written["EMDB bundle"] = folder;
  }
  const json = { ...record, fsc: fscRecord(found.fsc) };
  text("figures", "postprocess.json", `${JSON.stringify(json, null, 1)}\n`);
  return written;
}

function resolutionNotes(found: Measurements): string[] {
  return [resolutionText(found.resolution), resolutionText(found.unmasked)];
}

function fscPage(found: Measurements): string {
  const { model } = found;
  const notes = [...resolutionNotes(found)];
  if (model) {
    notes.push(
      `Map to model: ${model.resolutionA.toFixed(2)} Å (FSC 0.5, unfiltered average; mask: ${found.mask.name}).`,
    );
  }
  const more = model ? [{ label: "map to model", values: model.fsc }] : [];
  return fscPicture(found.fsc, "FSC of the half maps", notes, more);
}

function guinierPage(found: Measurements): string {
  const { boxPx, pixelSizeA, sharpened } = found;
  const { fit, bFactorA2 } = sharpened;
  const widthA = boxPx * pixelSizeA;
  const notes = [
    fit
      ? `B = ${fit.bFactorA2.toFixed(1)} Å² fitted from ${(widthA / fit.firstShell).toFixed(2)} to ${(widthA / fit.lastShell).toFixed(2)} Å, ` +
        `correlation ${fit.correlation.toFixed(3)}.`
      : "No B-factor could be fitted in the range asked for.",
    `Applied: ${bFactorA2.toFixed(1)} Å².`,
  ];
  const top = pageTop(notes.length);
  const plot = guinierPlot(sharpened.curves, fit, {
    boxPx,
    pixelSizeA,
    left: PAGE_GAP,
    top,
    width: 724,
    height: 380,
  });
  return svgPage([plot], { width: 760, height: top + 392, title: "Guinier plot", notes });
}

function summaryPage(found: Measurements, masked: Float32Array): string {
  const { boxPx, pixelSizeA, fsc, resolution, unmasked } = found;
  return slicesPicture(masked, {
    boxPx,
    pixelSizeA,
    title: `${resolution.resolutionA.toFixed(2)} Å (FSC 0.143, masked, corrected), sharpened with ${found.sharpened.bFactorA2.toFixed(0)} Å²`,
    subtitle: `Unmasked ${unmasked.resolutionA.toFixed(2)} Å. Mask: ${found.mask.name}; phases randomised beyond ${resolution.randomisedBeyondA?.toFixed(1)} Å.`,
    curves: [
      { label: "corrected", values: fsc.masked!.corrected },
      { label: "masked", values: fsc.masked!.masked },
      { label: "unmasked", values: fsc.unmasked },
      { label: "phases randomised", values: fsc.masked!.randomised },
    ],
  });
}
