/** Seconds of one phase; the parts are means over ranks and sum to `seconds` with what ranks wait for each other at the end. */
export interface PhaseTime {
  readonly seconds: number;
  readonly parts: Readonly<Record<string, number>>;
  /** What one rank sends. */
  readonly sentBytes: number;
}
