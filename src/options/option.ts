/**
 * What one option is. A table of them is the only declaration of a verb's options: types, defaults, checks, flags, help,
 * docs/options.md and the copy in run.json all come from it.
 */
export type OptionGroup = "input" | "simple" | "advanced";

export interface Option<Value> {
  /** Long flag without dashes; of a positional argument, its name. */
  readonly flag: string;
  readonly isPositional: boolean;
  /** A switch stands alone on the command line; everything else takes a value. */
  readonly isSwitch: boolean;
  /** Takes every word after a lone `--`. */
  readonly isCommand?: boolean;
  /** RELION flags without dashes that mean the same. */
  readonly aliases: readonly string[];
  /** Text given under an alias → text for the option itself, where RELION writes the same thing differently. */
  readonly aliasText: (text: string) => string;
  /** What stands in the help in place of the value: a unit, a file or the choices. */
  readonly valueName: string;
  readonly isRequired: boolean;
  /** Undefined only when required. */
  readonly defaultValue: Value | undefined;
  readonly group: OptionGroup;
  /** One sentence without its full stop. */
  readonly help: string;
  /** Command-line text → value; throws UsageError. `where` names the option as the caller wrote it. */
  readonly parse: (text: string, where: string) => Value;
  /** Any value → the same value, checked; throws UsageError. */
  readonly check: (value: unknown, where: string) => Value;
}

export interface RequiredOption<Value> extends Option<Value> {
  readonly isRequired: true;
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds options of every value type
export type OptionTable = Readonly<Record<string, Option<any>>>;

/** Complete values of a table: what the engine takes and run.json keeps. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer Value> ? Value : never;
};

type RequiredNames<Table extends OptionTable> = {
  [Name in keyof Table]: Table[Name] extends RequiredOption<unknown> ? Name : never;
}[keyof Table];

/** What a caller must and may give: required options, the others by default. */
export type OptionInput<Table extends OptionTable> = Pick<OptionValues<Table>, RequiredNames<Table>> &
  Partial<OptionValues<Table>>;
