import { openDevice } from "../device/open.ts";
import { readCubicMap } from "../io/node/cubic-map.ts";
import { folderOf, makeFolder } from "../io/node/folders.ts";
import { writeMapFile } from "../io/node/map-file.ts";
import { deviceFft3 } from "../map/device-fft3.ts";
import { completeOptions } from "../options/complete-options.ts";
import { deviceOptions } from "../options/device-options.ts";
import { type MaskInput, maskTable } from "../options/mask-options.ts";
import { type AutomaticMask, makeAutomaticMask } from "./automatic-mask.ts";
import type { MeasureContext } from "./context.ts";

export interface MaskResult extends Omit<AutomaticMask, "mask"> {
  /** The file written. */
  readonly mask: string;
}

/** A soft solvent mask from a map. */
export async function mask(input: MaskInput, _context: MeasureContext): Promise<MaskResult> {
  const options = completeOptions("mask", maskTable, input);
  const map = readCubicMap(options.map, options.pixelSizeA);
  const device = openDevice(deviceOptions(options));
  try {
    const made = await makeAutomaticMask(map.data, map, deviceFft3(device), options);
    makeFolder(folderOf(options.out));
    const { boxPx, pixelSizeA } = map;
    writeMapFile(options.out, { sizeX: boxPx, sizeY: boxPx, sizeZ: boxPx, pixelSizeA, data: made.mask });
    return { mask: options.out, resolutionA: made.resolutionA, threshold: made.threshold, share: made.share };
  } finally {
    device.close();
  }
}
