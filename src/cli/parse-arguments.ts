import { parseArgs } from "node:util";
import { UsageError } from "../core/errors.ts";
import { nearestName } from "../options/nearest-name.ts";
import type { Option, OptionTable } from "../options/option.ts";
import { relionFlags } from "../options/relion-flags.ts";
import type { VerbDescription } from "../options/verbs.ts";

export interface ParsedArguments {
  /** Checked values by option name; the options not given are absent. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What was taken differently from how it was written; for the terminal. */
  readonly notes: readonly string[];
  readonly wantsHelp: boolean;
}

type Token =
  | { readonly kind: "option"; readonly rawName: string; readonly name: string; readonly value: string | undefined }
  | { readonly kind: "positional"; readonly value: string };

/** The words after the verb → values of its table. Throws UsageError naming the flag and, if unknown, the nearest one. */
export function parseArguments(verb: VerbDescription, words: readonly string[]): ParsedArguments {
  const byFlag = flagsOf(verb.table);
  const command = Object.entries(verb.table).find(([, option]) => option.isCommand);
  const end = command ? words.indexOf("--") : -1;
  const tokens = tokensOf(end < 0 ? words : words.slice(0, end), byFlag, verb);
  if (tokens.some((token) => token.kind === "option" && ["--help", "-h"].includes(token.rawName))) {
    return { values: {}, notes: [], wantsHelp: true };
  }
  const values: Record<string, unknown> = {};
  const givenAs: Record<string, string> = {};
  const notes: string[] = [];
  const free = Object.entries(verb.table).filter(([, option]) => option.isPositional);
  const set = (name: string, option: Option<unknown>, text: string, written: string) => {
    if (Object.hasOwn(values, name)) {
      throw new UsageError(`${verb.name} ${written}: already given as ${givenAs[name]}. Give it once.`, {
        option: name,
      });
    }
    values[name] = option.parse(text, `${verb.name} ${written}`);
    givenAs[name] = written;
  };
  if (command && end >= 0) values[command[0]] = command[1].check(words.slice(end + 1), `${verb.name} --`);
  for (const token of tokens) {
    if (token.kind === "positional") {
      const target = free.find(([name]) => !Object.hasOwn(values, name));
      if (!target) throw unexpectedWord(verb, token.value);
      set(target[0], target[1], token.value, `<${target[1].flag}>`);
      continue;
    }
    const known = byFlag.get(token.name);
    if (!known) {
      const note = relionNote(verb, token.name, token.value);
      if (note === undefined) throw unknownFlag(verb, token.rawName, token.name, byFlag);
      notes.push(note);
      continue;
    }
    const text = known.option.isSwitch ? (token.value ?? "true") : wantedValue(verb, token, known.option);
    set(known.name, known.option, known.isAlias ? known.option.aliasText(text) : text, token.rawName);
  }
  expectRequired(verb, values);
  return { values, notes, wantsHelp: false };
}

interface KnownFlag {
  readonly name: string;
  readonly option: Option<unknown>;
  readonly isAlias: boolean;
}

function flagsOf(table: OptionTable): Map<string, KnownFlag> {
  const flags = new Map<string, KnownFlag>();
  for (const [name, option] of Object.entries(table)) {
    if (option.isCommand) continue;
    // A positional argument may also be given by its flag, as RELION's --i.
    if (!flags.has(option.flag)) flags.set(option.flag, { name, option, isAlias: false });
    for (const alias of option.aliases) flags.set(alias, { name, option, isAlias: true });
  }
  return flags;
}

function tokensOf(words: readonly string[], byFlag: ReadonlyMap<string, KnownFlag>, verb: VerbDescription): Token[] {
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {
    help: { type: "boolean", short: "h" },
  };
  for (const [flag, known] of byFlag) options[flag] = { type: known.option.isSwitch ? "boolean" : "string" };
  for (const [flag, entry] of Object.entries(relionFlags)) {
    if (takesRelionFlags(verb) && !byFlag.has(flag)) options[flag] = { type: entry.takesValue ? "string" : "boolean" };
  }
  const { tokens } = parseArgs({ args: [...words], options, strict: false, allowPositionals: true, tokens: true });
  return tokens.flatMap((token): Token[] => {
    if (token.kind === "option-terminator") return [];
    if (token.kind === "positional") return [{ kind: "positional", value: token.value }];
    return [{ kind: "option", rawName: token.rawName, name: token.name, value: token.value }];
  });
}

function wantedValue(
  verb: VerbDescription,
  token: { rawName: string; value: string | undefined },
  option: Option<unknown>,
) {
  // "--out --seed 3" has forgotten the folder; a negative number starts with one dash only.
  if (token.value !== undefined && token.value !== "" && !token.value.startsWith("--")) return token.value;
  throw new UsageError(
    `${verb.name} ${token.rawName}: expected a value <${option.valueName}>, got ${
      token.value ? `the flag ${token.value}` : "none"
    }. ${option.help}.`,
    { option: option.flag, actual: token.value },
  );
}

/** RELION's flags mean something where RELION's own programs have them. */
function takesRelionFlags(verb: VerbDescription): boolean {
  return verb.name === "refine" || verb.name === "reconstruct";
}

function relionNote(verb: VerbDescription, name: string, value: string | undefined): string | undefined {
  const entry = takesRelionFlags(verb) && Object.hasOwn(relionFlags, name) ? relionFlags[name] : undefined;
  if (!entry) return undefined;
  if (entry.isHarmless || (entry.harmlessValue !== undefined && Number(value) === Number(entry.harmlessValue))) {
    return `--${name} has no effect here: ${entry.note}.`;
  }
  throw new UsageError(`${verb.name} --${name}: RELION's flag has no counterpart: ${entry.note}.`, { option: name });
}

function unknownFlag(
  verb: VerbDescription,
  rawName: string,
  name: string,
  byFlag: ReadonlyMap<string, KnownFlag>,
): UsageError {
  const near = nearestName(name, byFlag.keys());
  const remedy = near === undefined ? `See vitreous ${verb.name} --help.` : `Did you mean --${near}?`;
  return new UsageError(`${verb.name}: there is no flag ${rawName}. ${remedy}`, { option: name, nearest: near });
}

function unexpectedWord(verb: VerbDescription, word: string): UsageError {
  return new UsageError(`${verb.name}: did not expect "${word}". Usage: ${verb.usage}`, { actual: word });
}

function expectRequired(verb: VerbDescription, values: Readonly<Record<string, unknown>>): void {
  const missing = Object.entries(verb.table).filter(
    ([name, option]) => option.isRequired && !Object.hasOwn(values, name),
  );
  if (missing.length === 0) return;
  const listed = missing.map(([, option]) => {
    const written = option.isCommand
      ? `-- <${option.valueName}>`
      : option.isPositional
        ? `<${option.valueName}>`
        : `--${option.flag} <${option.valueName}>`;
    return missing.length === 1 ? `${written} (${option.help})` : written;
  });
  throw new UsageError(`${verb.name}: missing ${listed.join(", ")}. Usage: ${verb.usage}`, {
    missing: missing.map(([name]) => name),
  });
}
