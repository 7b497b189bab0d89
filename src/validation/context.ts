import type { EventLog } from "../core/events.ts";

/** What a measurement is given besides its options. */
export interface MeasureContext {
  readonly signal: AbortSignal;
  readonly log: EventLog;
}
