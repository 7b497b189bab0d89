import { UsageError } from "../core/errors.ts";
import { nearestName } from "./nearest-name.ts";
import type { OptionInput, OptionTable, OptionValues } from "./option.ts";

/**
 * Checks what a caller gave and fills in the defaults: the door of every verb of the TypeScript interface.
 *
 * @param verb  name of the verb, the start of every message
 * @throws UsageError naming the option, what was expected and what came
 */
export function completeOptions<Table extends OptionTable>(
  verb: string,
  table: Table,
  given: OptionInput<Table>,
): OptionValues<Table> {
  if (typeof given !== "object" || given === null) {
    throw new UsageError(`${verb}: expected an object of options, got ${String(given)}.`);
  }
  const values = given as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(values)) {
    if (Object.hasOwn(table, name)) continue;
    const near = nearestName(name, Object.keys(table));
    const remedy = near === undefined ? "" : ` Did you mean ${near}?`;
    throw new UsageError(`${verb}: there is no option ${name}.${remedy}`, { verb, option: name, nearest: near });
  }
  const complete: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(table)) {
    const value = values[name];
    if (value !== undefined) complete[name] = option.check(value, `${verb}: ${name}`);
    else if (!option.isRequired) complete[name] = option.defaultValue;
    else {
      throw new UsageError(`${verb}: ${name} is required: ${option.help}.`, { verb, option: name });
    }
  }
  return complete as OptionValues<Table>;
}
