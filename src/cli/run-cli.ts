import { AbortedError, messageOf, UsageError, VitreousError } from "../core/errors.ts";
import { pathExists } from "../io/node/folders.ts";
import { packageVersion as version } from "../io/node/package-version.ts";
import { completeOptions } from "../options/complete-options.ts";
import { nearestName } from "../options/nearest-name.ts";
import { type VerbDescription, verbNamed, verbs } from "../options/verbs.ts";
import { runFolder } from "../refine/run-folder.ts";
import { overviewHelp, verbHelp } from "./help.ts";
import { exitCodeOfSignal, listenForInterruption } from "./interruption.ts";
import { cliRank, leaveJob, mutedTerminal, sayFailure, sayLostRanks } from "./parallel-job.ts";
import { parseArguments } from "./parse-arguments.ts";
import { type Terminal, toned } from "./terminal.ts";
import { TerminalLog } from "./terminal-log.ts";
import { runVerb } from "./verbs/run-verb.ts";

export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;

/** Runs one command line. Returns the exit code: 0 done, 1 failed, 2 wrong call, 130 / 143 interrupted. */
export async function runCli(words: readonly string[], terminal: Terminal): Promise<number> {
  const rank = cliRank(process.env);
  let code: number;
  try {
    code = await dispatch(words, rank.isFirst ? terminal : mutedTerminal(terminal), () => void sayLostRanks(terminal));
  } catch (thrown) {
    const text = `${rank.prefix}${toned(terminal, "red", "error:")} ${failureText(thrown)}\n`;
    await sayFailure(rank, terminal, text);
    code = thrown instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE;
  }
  await leaveJob(code);
  return code;
}

async function dispatch(words: readonly string[], terminal: Terminal, onSignal: () => void): Promise<number> {
  const [first, ...rest] = words;
  if (first === "--version" || first === "-v") {
    terminal.writeResult(`${version()}\n`);
    return 0;
  }
  if (first === undefined) {
    terminal.writeMessage(overviewHelp(version()));
    return EXIT_USAGE;
  }
  if (["help", "--help", "-h"].includes(first)) {
    terminal.writeResult(rest[0] === undefined ? overviewHelp(version()) : verbHelp(knownVerb(rest[0])));
    return 0;
  }
  const verb = knownVerb(first);
  const parsed = parseArguments(verb, rest);
  if (parsed.wantsHelp) {
    terminal.writeResult(verbHelp(verb));
    return 0;
  }
  const log = new TerminalLog(terminal);
  for (const message of parsed.notes) log.event("note", { message });
  const values = completeOptions(verb.name, verb.table, parsed.values);
  return interruptible(verb, values, terminal, log, onSignal);
}

async function interruptible(
  verb: VerbDescription,
  values: Readonly<Record<string, unknown>>,
  terminal: Terminal,
  log: TerminalLog,
  onSignal: () => void,
): Promise<number> {
  const interruption = listenForInterruption((name) => {
    onSignal();
    log.clearProgress();
    terminal.writeMessage(`${name}: stopping after the work in hand (Ctrl-C again: at once)\n`);
  });
  try {
    await runVerb(verb.name, values, { terminal, signal: interruption.signal, log });
    log.clearProgress();
    return 0;
  } catch (thrown) {
    log.clearProgress();
    const name = interruption.received();
    if (name === undefined || !isAbort(thrown, interruption.signal)) throw thrown;
    terminal.writeMessage(`${stoppedText(verb, values)}\n`);
    return exitCodeOfSignal(name);
  } finally {
    interruption.stopListening();
  }
}

function isAbort(thrown: unknown, signal: AbortSignal): boolean {
  return thrown instanceof AbortedError || thrown === signal.reason;
}

function stoppedText(verb: VerbDescription, values: Readonly<Record<string, unknown>>): string {
  const folder = { refine: values["out"], resume: values["folder"] }[verb.name as string];
  // Without a record there is nothing to resume yet: the input was still being read.
  if (typeof folder === "string" && pathExists(runFolder(folder).record)) {
    return `Stopped; the checkpoint is saved. To go on: vitreous resume ${folder}`;
  }
  return `Stopped. To do it again: vitreous ${verb.name} … with the same options`;
}

function knownVerb(word: string): VerbDescription {
  const verb = verbNamed(word);
  if (verb) return verb;
  const near = nearestName(
    word,
    verbs.map(({ name }) => name),
  );
  const remedy = near === undefined ? "See vitreous --help." : `Did you mean ${near}?`;
  throw new UsageError(`there is no verb "${word}". ${remedy}`, { verb: word, nearest: near });
}

/** A deliberate error is one sentence; anything else is a defect and shows where it happened. */
function failureText(thrown: unknown): string {
  if (thrown instanceof VitreousError) return thrown.message;
  const stack = thrown instanceof Error && thrown.stack !== undefined ? thrown.stack : messageOf(thrown);
  return `${stack}\nThis is a defect of Vitreous ${version()}, not of your data. Please report it with these lines.`;
}
