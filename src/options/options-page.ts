import type { Option, OptionTable } from "./option.ts";
import { relionFlags } from "./relion-flags.ts";
import { verbs } from "./verbs.ts";

/** Text of docs/options.md. */
export function optionsPage(): string {
  const parts = [
    "# Options",
    "",
    "Generated from the option tables in `src/options/` by `scripts/write-options-page.mjs`; a test holds it current.",
    "The name is that of the TypeScript interface and of `run.json`; RELION flags in the last column mean the same.",
    "",
  ];
  for (const verb of verbs) {
    parts.push(`## vitreous ${verb.name}`, "", `${verb.summary}.`, "", "```", verb.usage, "```", "");
    parts.push(...tableRows(verb.table), "");
  }
  parts.push("## RELION flags taken without effect", "", ...flagRows(true), "");
  parts.push("## RELION flags refused", "", ...flagRows(false), "");
  return parts.join("\n");
}

function tableRows(table: OptionTable): string[] {
  const rows = ["| flag | name | default | meaning | RELION |", "|---|---|---|---|---|"];
  for (const [name, option] of Object.entries(table)) {
    const aliases = option.aliases.map((alias) => `\`${dashed(alias)}\``).join(" ");
    const cells = [flagText(option), `\`${name}\``, defaultText(option), option.help, aliases];
    rows.push(`| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
  }
  return rows;
}

function flagText(option: Option<unknown>): string {
  if (option.isCommand) return `\`-- <${option.valueName}>\``;
  if (option.isPositional) return `\`<${option.valueName}>\``;
  return option.isSwitch ? `\`--${option.flag}\`` : `\`--${option.flag} <${option.valueName}>\``;
}

function flagRows(isHarmless: boolean): string[] {
  const rows = ["| flag | why |", "|---|---|"];
  for (const [flag, entry] of Object.entries(relionFlags)) {
    if (entry.isHarmless !== isHarmless) continue;
    const unless = entry.harmlessValue === undefined ? "" : `, unless ${entry.harmlessValue}`;
    rows.push(`| \`${dashed(flag)}\`${unless} | ${entry.note} |`);
  }
  return rows;
}

function dashed(flag: string): string {
  return `--${flag}`;
}

/** Default as help and docs show it. */
export function defaultText(option: Option<unknown>): string {
  if (option.isRequired) return "required";
  if (option.defaultValue === null) return "none";
  if (option.isSwitch) return "off";
  return Array.isArray(option.defaultValue) ? option.defaultValue.join(",") : String(option.defaultValue);
}
