import { openDevice } from "../device/open.ts";
import { writeFileAtomic } from "../io/node/atomic-write.ts";
import { folderOf, makeFolder } from "../io/node/folders.ts";
import { writeStarFileAtomic } from "../io/node/star-file.ts";
import { correctedFsc } from "../map/corrected-fsc.ts";
import { deviceFft3 } from "../map/device-fft3.ts";
import { fscOfMaps } from "../map/fsc.ts";
import { HALF_MAP_THRESHOLD, TRUTH_THRESHOLD } from "../map/resolution.ts";
import { completeOptions } from "../options/complete-options.ts";
import { deviceOptions } from "../options/device-options.ts";
import { type FscInput, type FscOptions, fscTable } from "../options/fsc-options.ts";
import type { MeasureContext } from "./context.ts";
import {
  fscPicture,
  fscRecord,
  fscStarBlock,
  fscXml,
  type MeasuredFsc,
  type NamedResolution,
  namedResolution,
  resolutionText,
} from "./fsc-report.ts";
import { readMapPair, readMask } from "./map-pair.ts";

export interface FscResult {
  /** At 0.143 and 0.5; of the corrected curve where a mask was given, else of the unmasked one. */
  readonly resolutions: readonly NamedResolution[];
  /** [shell] from shell 0. */
  readonly unmasked: Float64Array;
  readonly masked: Float64Array | null;
  readonly randomised: Float64Array | null;
  readonly corrected: Float64Array | null;
  /** Written files; none without `out`. */
  readonly files: readonly string[];
}

/** FSC of any two maps on one grid, with or without a mask. */
export async function fsc(input: FscInput, _context: MeasureContext): Promise<FscResult> {
  const options = completeOptions("fsc", fscTable, input);
  const pair = readMapPair(options.first, options.second, options.pixelSizeA);
  const mask = options.mask === null ? null : readMask(options.mask, pair);
  const device = openDevice(deviceOptions(options));
  let measured: MeasuredFsc;
  try {
    const fft = deviceFft3(device);
    const { boxPx, pixelSizeA, first, second } = pair;
    const { seed, randomisations: randomisationCount } = options;
    const masked = mask ? await correctedFsc(first, second, { boxPx, mask, fft, seed, randomisationCount }) : null;
    const unmasked = masked?.unmasked ?? (await fscOfMaps(first, second, boxPx, fft));
    measured = { boxPx, pixelSizeA, unmasked, masked, maskName: options.mask ?? "none", randomisationCount };
  } finally {
    device.close();
  }
  const curves = mask ? (["corrected", "unmasked"] as const) : (["unmasked"] as const);
  const resolutions = curves.flatMap((curve) =>
    [HALF_MAP_THRESHOLD, TRUTH_THRESHOLD].map((threshold) => namedResolution(measured, curve, threshold)),
  );
  return {
    resolutions,
    unmasked: measured.unmasked,
    masked: measured.masked?.masked ?? null,
    randomised: measured.masked?.randomised ?? null,
    corrected: measured.masked?.corrected ?? null,
    files: options.out === null ? [] : writeAll(options.out, measured, resolutions, options),
  };
}

function writeAll(
  prefix: string,
  measured: MeasuredFsc,
  resolutions: readonly NamedResolution[],
  options: FscOptions,
): string[] {
  makeFolder(folderOf(prefix));
  const [star, xml, svg, json] = ["star", "xml", "svg", "json"].map((ending) => `${prefix}.${ending}`) as [
    string,
    string,
    string,
    string,
  ];
  writeStarFileAtomic(star, { where: star, blocks: [fscStarBlock(measured, star)], trailingComments: [] });
  writeFileAtomic(xml, fscXml(measured));
  const title = `FSC of ${options.first} and ${options.second}`;
  writeFileAtomic(svg, fscPicture(measured, title, resolutions.map(resolutionText)));
  writeFileAtomic(json, `${JSON.stringify({ resolutions, ...fscRecord(measured) }, null, 1)}\n`);
  return [star, xml, svg, json];
}
