import { openDevice } from "../device/open.ts";
import { expectWritablePlace } from "../io/node/folders.ts";
import { readMapFile } from "../io/node/map-file.ts";
import { completeOptions } from "../options/complete-options.ts";
import { deviceOptions } from "../options/device-options.ts";
import { type PostprocessInput, postprocessTable } from "../options/postprocess-options.ts";
import type { MeasureContext } from "./context.ts";
import { readMapPair } from "./map-pair.ts";
import { type Measurements, measureHalves } from "./measurements.ts";
import { postprocessFiles } from "./postprocess-input.ts";
import { type WrittenFiles, writePostprocess } from "./postprocess-outputs.ts";
import { type PostprocessRecord, postprocessRecord } from "./postprocess-record.ts";

export interface PostprocessResult extends PostprocessRecord {
  /** Folder of the results. */
  readonly folder: string;
  /** Files by what they are. */
  readonly files: WrittenFiles;
}

/** From two half maps to what is published: FSC curves, sharpened and locally filtered map, and what they are worth. */
export async function postprocess(input: PostprocessInput, context: MeasureContext): Promise<PostprocessResult> {
  const options = completeOptions("postprocess", postprocessTable, input);
  const files = postprocessFiles(options);
  expectWritablePlace(files.out);
  const pair = readMapPair(files.half1, files.half2, options.pixelSizeA);
  const device = openDevice(deviceOptions(options));
  let found: Measurements;
  try {
    const mapOriginA = originOf(files.half1, pair.pixelSizeA);
    found = await measureHalves({ ...files, options, pair, mapOriginA, device }, context);
  } finally {
    device.close();
  }
  const record = postprocessRecord(found, files);
  return { ...record, folder: files.out, files: writePostprocess(files, found, record, options) };
}

/** Voxel 0 in Å: the origin of the header or, without one, its start in voxels. */
function originOf(path: string, pixelSizeA: number): readonly [number, number, number] {
  const header = readMapFile(path).header;
  if (header === undefined) return [0, 0, 0];
  if (header.originA.some((value) => value !== 0)) return header.originA;
  const byAxis: [number, number, number] = [0, 0, 0];
  header.axes.forEach((axis, stored) => {
    byAxis[axis - 1] = header.start[stored]! * pixelSizeA;
  });
  return byAxis;
}
