/** Ctrl-C, SIGTERM and a scheduler's warning (SIGUSR1) as an AbortSignal. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** The first signal received. */
  readonly received: () => NodeJS.Signals | undefined;
  readonly stopListening: () => void;
}

const EXIT_CODES: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGINT: 130, SIGUSR1: 138, SIGTERM: 143 };
/** Node itself would start its debugger at SIGUSR1. */
const LISTENED: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGUSR1"];

/** 128 + the signal's number, as shells report it. */
export function exitCodeOfSignal(name: NodeJS.Signals): number {
  return EXIT_CODES[name] ?? 1;
}

/**
 * The first signal asks the work to save its checkpoint and stop; a second Ctrl-C ends the process at once.
 *
 * @param onFirst  says on the terminal what is happening
 */
export function listenForInterruption(onFirst: (name: NodeJS.Signals) => void): Interruption {
  const controller = new AbortController();
  let first: NodeJS.Signals | undefined;
  const onSignal = (name: NodeJS.Signals) => {
    if (first !== undefined) {
      if (name === "SIGINT") process.exit(exitCodeOfSignal(name));
      return;
    }
    first = name;
    onFirst(name);
    controller.abort(new Error(name));
  };
  for (const name of LISTENED) process.on(name, onSignal);
  return {
    signal: controller.signal,
    received: () => first,
    stopListening: () => {
      for (const name of LISTENED) process.off(name, onSignal);
    },
  };
}
