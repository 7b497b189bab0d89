import { UsageError } from "../core/errors.ts";
import type { Option, OptionGroup, RequiredOption } from "./option.ts";

interface CommonSpec {
  readonly flag: string;
  readonly help: string;
  readonly group?: OptionGroup;
  readonly aliases?: readonly string[];
  readonly aliasText?: (text: string) => string;
}

interface NumberSpec extends CommonSpec {
  readonly default: number;
  /** Stands in the help in place of the value: Å, GB, count … */
  readonly unit: string;
  readonly min?: number;
  readonly max?: number;
}

/** A path or name that must be given. */
export function requiredPath(spec: CommonSpec & { valueName: string; isPositional?: boolean }): RequiredOption<string> {
  return { ...textBase(spec), isRequired: true, defaultValue: undefined, parse: someText, check: someText };
}

/** A path or name with a default. */
export function pathOption(
  spec: CommonSpec & { valueName: string; default: string; isPositional?: boolean },
): Option<string> {
  return { ...textBase(spec), isRequired: false, defaultValue: spec.default, parse: someText, check: someText };
}

/** A path, or null for none; on the command line "none". */
export function optionalPath(spec: CommonSpec & { valueName: string; isPositional?: boolean }): Option<string | null> {
  return {
    ...textBase(spec),
    isRequired: false,
    defaultValue: null,
    parse: (text, where) => (text.toLowerCase() === "none" ? null : someText(text, where)),
    check: (value, where) => (value === null ? null : someText(value, where)),
  };
}

/** Text brought to its canonical form by `canonical`, which throws UsageError on anything else. */
export function namedOption(
  spec: CommonSpec & { valueName: string; default: string; canonical: (text: string) => string },
): Option<string> {
  const check = (value: unknown, where: string) => {
    const text = someText(value, where);
    try {
      return spec.canonical(text);
    } catch (cause) {
      if (!(cause instanceof UsageError)) throw cause;
      throw new UsageError(`${where}: ${cause.message}`, { option: where, actual: text }, cause);
    }
  };
  return { ...textBase(spec), isRequired: false, defaultValue: spec.default, parse: check, check };
}

/** A finite number from min to max. */
export function numberOption(spec: NumberSpec): Option<number> {
  const check = (value: unknown, where: string) => checkedNumber(value, value, where, spec, false);
  const parse = (text: string, where: string) => checkedNumber(numberOf(text), text, where, spec, false);
  return { ...base(spec, spec.unit), isRequired: false, defaultValue: spec.default, parse, check };
}

/** A whole number from min to max. */
export function integerOption(spec: NumberSpec): Option<number> {
  const check = (value: unknown, where: string) => checkedNumber(value, value, where, spec, true);
  const parse = (text: string, where: string) => checkedNumber(numberOf(text), text, where, spec, true);
  return { ...base(spec, spec.unit), isRequired: false, defaultValue: spec.default, parse, check };
}

/** A pair low,high with low ≤ high. */
export function rangeOption(
  spec: CommonSpec & { default: readonly [number, number]; unit: string; min?: number; max?: number },
): Option<readonly [number, number]> {
  const check = (value: unknown, where: string): readonly [number, number] => {
    const pair = Array.isArray(value) ? value : [];
    const low = checkedNumber(pair[0], value, where, spec, false);
    const high = checkedNumber(pair[1], value, where, spec, false);
    if (pair.length !== 2 || low > high) throw refusal(where, "two numbers low,high with low ≤ high", value);
    return [low, high];
  };
  const parse = (text: string, where: string) => {
    const parts = text.split(",").map(numberOf);
    if (parts.length !== 2 || parts.some(Number.isNaN)) throw refusal(where, "two numbers low,high", text);
    return check(parts, where);
  };
  return { ...base(spec, `${spec.unit},${spec.unit}`), isRequired: false, defaultValue: spec.default, parse, check };
}

/** A finite number from min to max, or null for none; on the command line "none". */
export function optionalNumber(spec: Omit<NumberSpec, "default">): Option<number | null> {
  const check = (value: unknown, where: string) =>
    value === null ? null : checkedNumber(value, value, where, spec, false);
  const parse = (text: string, where: string) =>
    text.toLowerCase() === "none" ? null : checkedNumber(numberOf(text), text, where, spec, false);
  return { ...base(spec, spec.unit), isRequired: false, defaultValue: null, parse, check };
}

/** A pair low,high with low ≤ high, or null for none; on the command line "none". */
export function optionalRange(
  spec: CommonSpec & { unit: string; min?: number; max?: number },
): Option<readonly [number, number] | null> {
  const range = rangeOption({ ...spec, default: [0, 0] });
  return {
    ...range,
    defaultValue: null,
    parse: (text, where) => (text.toLowerCase() === "none" ? null : range.parse(text, where)),
    check: (value, where) => (value === null ? null : range.check(value, where)),
  };
}

/** One of a few words. */
export function choiceOption<Choice extends string>(
  spec: CommonSpec & { choices: readonly Choice[]; default: NoInfer<Choice> },
): Option<Choice> {
  const check = (value: unknown, where: string) => {
    if (!spec.choices.includes(value as Choice)) throw refusal(where, `one of ${spec.choices.join(", ")}`, value);
    return value as Choice;
  };
  const parse = (text: string, where: string) => check(text.replaceAll(" ", ""), where);
  return { ...base(spec, spec.choices.join("|")), isRequired: false, defaultValue: spec.default, parse, check };
}

/** Off unless its flag is given. */
export function switchOption(spec: CommonSpec): Option<boolean> {
  const check = (value: unknown, where: string) => {
    if (typeof value !== "boolean") throw refusal(where, "true or false", value);
    return value;
  };
  const parse = (text: string, where: string) => check(text === "true" ? true : text === "false" ? false : text, where);
  return { ...base(spec, ""), isSwitch: true, isRequired: false, defaultValue: false, parse, check };
}

/** The same option without a default: it must be given. */
export function required<Value>(option: Option<Value>): RequiredOption<Value> {
  return { ...option, isRequired: true, defaultValue: undefined };
}

/** Words after a lone `--`, as they are: a command to be run elsewhere. */
export function commandOption(spec: CommonSpec & { valueName: string }): RequiredOption<readonly string[]> {
  const check = (value: unknown, where: string): readonly string[] => {
    const isCommand =
      Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string") && value[0] !== "";
    if (!isCommand) throw refusal(where, "the words of a command", value);
    return value as readonly string[];
  };
  return {
    ...base(spec, spec.valueName),
    isCommand: true,
    isRequired: true,
    defaultValue: undefined,
    parse: (text, where) => check([text], where),
    check,
  };
}

function base(spec: CommonSpec, valueName: string) {
  return {
    flag: spec.flag,
    isPositional: false,
    isSwitch: false,
    aliases: spec.aliases ?? [],
    aliasText: spec.aliasText ?? ((text: string) => text),
    valueName,
    group: spec.group ?? "simple",
    help: spec.help,
  };
}

function textBase(spec: CommonSpec & { valueName: string; isPositional?: boolean }) {
  return { ...base(spec, spec.valueName), isPositional: spec.isPositional ?? false };
}

function someText(value: unknown, where: string): string {
  if (typeof value !== "string" || value.trim() === "") throw refusal(where, "a name", value);
  return value;
}

/** NaN for text that is not a plain decimal number ("", "0x10" and "1e" included). */
function numberOf(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
}

function checkedNumber(
  value: unknown,
  given: unknown,
  where: string,
  spec: { readonly min?: number; readonly max?: number; readonly unit: string },
  isWhole: boolean,
): number {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = spec;
  const isRight = typeof value === "number" && (isWhole ? Number.isSafeInteger(value) : Number.isFinite(value));
  if (isRight && value >= min && value <= max) return value;
  const noun = isWhole ? "a whole number" : "a number";
  const range =
    Number.isFinite(min) && Number.isFinite(max)
      ? ` from ${min} to ${max}`
      : Number.isFinite(min)
        ? ` of at least ${min}`
        : Number.isFinite(max)
          ? ` of at most ${max}`
          : "";
  throw refusal(where, `${noun}${range} (${spec.unit})`, given);
}

function refusal(where: string, expected: string, actual: unknown): UsageError {
  const shown = typeof actual === "string" ? `"${actual}"` : Array.isArray(actual) ? `[${actual}]` : String(actual);
  return new UsageError(`${where}: expected ${expected}, got ${shown}.`, { option: where, expected, actual });
}
