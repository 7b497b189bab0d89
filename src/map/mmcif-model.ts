/** Atomic models in mmCIF (PDBx), the atom_site table only. */

import { DataError } from "../core/errors.ts";
import { type Atom, electronsOf } from "./pdb-model.ts";

/** A value in quotes may hold blanks; a quote ends it only before a blank or the line's end. */
const TOKEN = /'((?:[^']|'(?=\S))*)'(?=\s|$)|"((?:[^"]|"(?=\S))*)"(?=\s|$)|(\S+)/g;

/**
 * Atoms of the first model; alternate locations keep their occupancies.
 *
 * @param source  named in errors
 */
export function readMmcifAtoms(text: string, source: string): Atom[] {
  const lines = text.split(/\r?\n/);
  const first = lines.findIndex((line) => /^_atom_site\.\S/.test(line));
  if (first < 1 || lines[first - 1]!.trim() !== "loop_") {
    throw new DataError(`${source}: expected a table of atoms (loop_ with _atom_site columns). Is the file mmCIF?`);
  }
  const columns = new Map<string, number>();
  let row = first;
  for (; row < lines.length && lines[row]!.startsWith("_atom_site."); row++) {
    columns.set(lines[row]!.trim().slice("_atom_site.".length), columns.size);
  }
  const place = ["Cartn_x", "Cartn_y", "Cartn_z"].map((name) => {
    const column = columns.get(name);
    if (column === undefined) throw new DataError(`${source}: expected a column _atom_site.${name}, found none.`);
    return column;
  }) as [number, number, number];
  const column = (name: string) => columns.get(name) ?? -1;
  const [element, occupancy, bFactor, model] = [
    column("type_symbol"),
    column("occupancy"),
    column("B_iso_or_equiv"),
    column("pdbx_PDB_model_num"),
  ];
  const atoms: Atom[] = [];
  let firstModel: string | undefined;
  for (; row < lines.length; row++) {
    const line = lines[row]!;
    if (line.trim() === "") continue;
    if (/^(#|_|loop_|data_)/.test(line)) break;
    const values = Array.from(line.matchAll(TOKEN), (match) => match[1] ?? match[2] ?? match[3]!);
    if (values.length !== columns.size) {
      throw new DataError(`${source}:${row + 1}: expected ${columns.size} values, got ${values.length}.`);
    }
    firstModel ??= values[model];
    if (values[model] !== firstModel) break;
    const [xA, yA, zA] = place.map((index) => Number(values[index]));
    if (!Number.isFinite(xA! + yA! + zA!)) {
      throw new DataError(`${source}:${row + 1}: expected three coordinates, got "${place.map((i) => values[i])}".`);
    }
    atoms.push({
      xA: xA!,
      yA: yA!,
      zA: zA!,
      weight: numberOr(values[occupancy], 1) * electronsOf((values[element] ?? "C").toUpperCase()),
      bFactorA2: Math.max(0, numberOr(values[bFactor], 0)),
    });
  }
  if (atoms.length === 0) throw new DataError(`${source}: the table of atoms has no rows.`);
  return atoms;
}

/** "." and "?" stand for a value that is not known. */
function numberOr(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : otherwise;
}
