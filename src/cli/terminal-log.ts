import type { EventLog } from "../core/events.ts";
import { describeEvent, durationText } from "./describe-event.ts";
import { type Terminal, toned } from "./terminal.ts";

/** Without a screen, one line of progress is written at most this often. */
const PLAIN_PROGRESS_MS = 15_000;
/** On a screen the progress line is redrawn at most this often. */
const SCREEN_PROGRESS_MS = 120;

interface RunningWork {
  readonly key: string;
  readonly startedMs: number;
  /** Units done when the counting began: a resumed phase does not start at 0. */
  readonly startedAt: number;
}

/** Renders events as text: one line for each that matters, and a progress line from counted work. */
export class TerminalLog implements EventLog {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #work: RunningWork | undefined;
  #progressShownMs = Number.NEGATIVE_INFINITY;
  #hasProgressLine = false;

  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
  }

  event(name: string, fields: Readonly<Record<string, unknown>>): void {
    const { done, total } = fields;
    if (typeof done === "number" && typeof total === "number") {
      this.#progress(name, done, total, fields);
      return;
    }
    const line = describeEvent(name, fields);
    if (line === undefined) return;
    this.clearProgress();
    const tone = name === "warning" ? "yellow" : name === "round.done" ? "bold" : undefined;
    this.#terminal.writeMessage(`${tone ? toned(this.#terminal, tone, line) : line}\n`);
  }

  /** Takes the progress line off the screen, before other text. */
  clearProgress(): void {
    if (this.#hasProgressLine) this.#terminal.writeMessage("\r\u001b[K");
    this.#hasProgressLine = false;
  }

  #progress(name: string, done: number, total: number, fields: Readonly<Record<string, unknown>>): void {
    const nowMs = this.#now();
    const key = `${name} ${String(fields["round"] ?? "")} ${String(fields["half"] ?? "")} ${total}`;
    if (this.#work?.key !== key) {
      this.#work = { key, startedMs: nowMs, startedAt: Math.min(done, total) };
      this.#progressShownMs = this.#terminal.isInteractive ? Number.NEGATIVE_INFINITY : nowMs;
    }
    const pauseMs = this.#terminal.isInteractive ? SCREEN_PROGRESS_MS : PLAIN_PROGRESS_MS;
    if (nowMs - this.#progressShownMs < pauseMs && !(done >= total && this.#terminal.isInteractive)) return;
    this.#progressShownMs = nowMs;
    const text = progressText(name, done, total, fields, remainingMs(this.#work, done, total, nowMs));
    if (!this.#terminal.isInteractive) {
      this.#terminal.writeMessage(`${text}\n`);
      return;
    }
    const shown = text.slice(0, Math.max(20, this.#terminal.columns - 1));
    this.#terminal.writeMessage(`\r\u001b[K${toned(this.#terminal, "dim", shown)}`);
    this.#hasProgressLine = true;
  }
}

/** From the measured cost of a unit; undefined until one was done under this clock. */
function remainingMs(work: RunningWork, done: number, total: number, nowMs: number): number | undefined {
  const counted = done - work.startedAt;
  if (counted <= 0) return undefined;
  return ((nowMs - work.startedMs) / counted) * Math.max(0, total - done);
}

function progressText(
  name: string,
  done: number,
  total: number,
  fields: Readonly<Record<string, unknown>>,
  leftMs: number | undefined,
): string {
  const round = fields["round"] === undefined ? "" : `round ${String(fields["round"])}  `;
  // Half-sets are 0 and 1 inside, 1 and 2 for people and in rlnRandomSubset.
  const half = name === "expectation.scan" && typeof fields["half"] === "number" ? `half ${fields["half"] + 1}  ` : "";
  const unit = typeof fields["unit"] === "string" ? ` ${fields["unit"]}` : " images";
  const percent = total > 0 ? Math.floor((100 * done) / total) : 100;
  const eta = leftMs === undefined ? "" : `, ${durationText(leftMs)} left`;
  return `${round}${half}${workNames[name] ?? name}  ${done} of ${total}${unit} (${percent} %${eta})`;
}

const workNames: Readonly<Record<string, string>> = {
  "expectation.scan": "global scan",
  "expectation.batch": "expectation",
  "expectation.filter": "particle filter",
  "maximization.insert": "insertion",
  "particles.read": "reading",
  "simulate.batch": "simulating",
  "project.batch": "projecting",
  "reconstruct.batch": "inserting",
};
