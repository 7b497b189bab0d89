import type { Option, OptionTable } from "../options/option.ts";
import { defaultText } from "../options/options-page.ts";
import { type VerbDescription, verbs } from "../options/verbs.ts";

const FLAG_COLUMN = 34;
const LINE_WIDTH = 110;

/** `vitreous --help`. */
export function overviewHelp(version: string): string {
  const lines = [
    `vitreous ${version}: cryo-EM single-particle refinement`,
    "",
    "Usage:  vitreous <verb> [options]",
    "",
    "Verbs:",
    ...verbs.map((verb) => `  ${verb.name.padEnd(12)} ${verb.summary}`),
    `  ${"help".padEnd(12)} This text, or vitreous help <verb>`,
    "",
    "  --help, -h     Help of a verb        --version      Version",
    "",
    "Examples:",
    "  # A few minutes on simulated images, compared with the truth",
    "  vitreous demo",
    "  # The main job",
    `  ${verbs[0]!.examples[0]!.command}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** `vitreous <verb> --help`: usage, simple options, advanced options, examples. */
export function verbHelp(verb: VerbDescription): string {
  const lines = [`Usage:  ${verb.usage}`, "", `${verb.summary}.`];
  const block = (title: string, options: readonly Option<unknown>[]) => {
    if (options.length > 0) lines.push("", `${title}:`, ...options.flatMap(optionLines));
  };
  block("Input and output", inGroup(verb.table, "input"));
  block("Simple options", inGroup(verb.table, "simple"));
  block("Advanced options", inGroup(verb.table, "advanced"));
  lines.push("", "Examples:");
  for (const example of verb.examples) lines.push(`  # ${example.does}`, `  ${example.command}`);
  return `${lines.join("\n")}\n`;
}

function inGroup(table: OptionTable, group: Option<unknown>["group"]): Option<unknown>[] {
  return Object.values(table).filter((option) => option.group === group);
}

function optionLines(option: Option<unknown>): string[] {
  const value = option.valueName === "" ? "" : ` <${option.valueName}>`;
  const flag = option.isCommand ? "--" : `--${option.flag}`;
  const written = option.isPositional ? `<${option.valueName}>` : `${flag}${value}`;
  const relion = option.aliases.length > 0 ? `; RELION ${option.aliases.map((alias) => `--${alias}`).join(", ")}` : "";
  const rows = wrapped(`${option.help} (${option.isRequired ? "" : "default "}${defaultText(option)}${relion})`);
  const head = `  ${written}`;
  const first = head.length < FLAG_COLUMN - 1 ? [head.padEnd(FLAG_COLUMN) + rows[0]] : [head, indented(rows[0]!)];
  return [...first, ...rows.slice(1).map(indented)];
}

function indented(text: string): string {
  return " ".repeat(FLAG_COLUMN) + text;
}

function wrapped(text: string): string[] {
  const rows: string[] = [];
  let row = "";
  for (const word of text.split(" ")) {
    if (row !== "" && row.length + word.length + 1 > LINE_WIDTH - FLAG_COLUMN) {
      rows.push(row);
      row = word;
    } else row = row === "" ? word : `${row} ${word}`;
  }
  rows.push(row);
  return rows;
}
