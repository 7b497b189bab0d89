import { DataError } from "../core/errors.ts";
import type { CsDataset } from "../io/cs/dataset.ts";

/** A data set and its passthrough files seen as one: a field comes from the first that has it, rows matched by uid. */
export class CsJoin {
  readonly #datasets: readonly CsDataset[];
  /** Row of each data set for every row of the first; undefined = the same order. */
  readonly #rows: (Int32Array | undefined)[];

  constructor(datasets: readonly CsDataset[]) {
    this.#datasets = datasets;
    const [first, ...others] = datasets;
    this.#rows = [undefined, ...others.map((other) => matchRows(first as CsDataset, other))];
  }

  has(name: string): boolean {
    return this.#datasets.some((dataset) => dataset.has(name));
  }

  numbers(name: string): Float64Array {
    const [dataset, rows] = this.#find(name);
    const values = dataset.numbers(name);
    if (rows === undefined) return values;
    const elements = dataset.elementsOf(name);
    const out = new Float64Array(rows.length * elements);
    rows.forEach((from, to) => {
      out.set(values.subarray(from * elements, (from + 1) * elements), to * elements);
    });
    return out;
  }

  internedTexts(name: string): { readonly texts: string[]; readonly index: Int32Array } {
    const [dataset, rows] = this.#find(name);
    const { texts, index } = dataset.internedTexts(name);
    return { texts, index: rows === undefined ? index : rows.map((from) => index[from] as number) };
  }

  #find(name: string): [CsDataset, Int32Array | undefined] {
    const at = this.#datasets.findIndex((dataset) => dataset.has(name));
    const dataset = this.#datasets[Math.max(0, at)] as CsDataset;
    return [dataset, this.#rows[Math.max(0, at)]];
  }
}

function matchRows(first: CsDataset, other: CsDataset): Int32Array {
  const rowOf = new Map<bigint, number>();
  other.identifiers("uid").forEach((uid, row) => {
    rowOf.set(uid, row);
  });
  const wanted = first.identifiers("uid");
  const rows = new Int32Array(first.count);
  let missing = 0;
  wanted.forEach((uid, row) => {
    const found = rowOf.get(uid);
    if (found === undefined) missing++;
    rows[row] = found ?? 0;
  });
  if (missing > 0) {
    throw new DataError(
      `${other.where}: ${missing} of the ${first.count} particles of ${first.where} are not in it (by uid). ` +
        "Give the passthrough file of the same job.",
      { where: other.where, missing },
    );
  }
  return rows;
}
