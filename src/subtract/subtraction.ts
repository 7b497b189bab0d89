import type { EventLog } from "../core/events.ts";
import type { Device } from "../device/types.ts";
import type { SubtractOptions } from "../options/subtract-options.ts";
import type { ImageSource } from "../particles/image-source.ts";
import type { ParticleTable } from "../particles/table.ts";
import type { SubtractionMaps } from "./read-maps.ts";

export interface SubtractContext {
  readonly signal: AbortSignal;
  readonly log: EventLog;
}

/** What all images of a call have in common. */
export interface Subtraction {
  readonly device: Device;
  readonly table: ParticleTable;
  readonly source: ImageSource;
  readonly options: SubtractOptions;
  readonly maps: SubtractionMaps;
  /** What images are centred on, px of the map from its centre; null: they stay. */
  readonly centrePx: readonly [number, number, number] | null;
  /** [particles] 1 or 2 */
  readonly halfSet: Uint8Array;
  readonly context: SubtractContext;
  /** [particles][2] px of each particle's own images; changed where images are moved. */
  readonly shiftPx: Float64Array;
}
