import type { EventLog } from "../../core/events.ts";
import type { Terminal } from "../terminal.ts";

/** What every verb of the command line is given besides its options. */
export interface VerbContext {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly log: EventLog;
}
