import { readPdbAtoms } from "../map/pdb-model.ts";
import { type Description, fact } from "./description.ts";
import { counted, shortNumber } from "./words.ts";

/** An atomic model in PDB format. */
export function describePdb(text: string, path: string): Description {
  const atoms = readPdbAtoms(text, path);
  const names = new Set<string>();
  const residues = new Set<string>();
  const chains = new Set<string>();
  const lines = text.split(/\r?\n/);
  for (const line of lines) {
    if (line.startsWith("ENDMDL")) break;
    if (!line.startsWith("ATOM  ") && !line.startsWith("HETATM")) continue;
    names.add(line.slice(12, 16).trim());
    chains.add(line[21] ?? " ");
    residues.add(line.slice(17, 27));
  }
  const extent = (["xA", "yA", "zA"] as const).map((axis) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const atom of atoms) {
      low = Math.min(low, atom[axis]);
      high = Math.max(high, atom[axis]);
    }
    return high - low;
  });
  const models = lines.filter((line) => line.startsWith("MODEL ")).length;
  const isTrace = names.size === 1;
  return {
    path,
    kind: "pdb",
    summary: `an atomic model (PDB) of ${counted(atoms.length, "atom")}${isTrace ? `, all ${[...names][0]}` : ""}`,
    facts: [
      fact("residues", `${residues.size} in ${counted(chains.size, "chain")}`),
      fact("extent", `${extent.map((length) => shortNumber(Math.round(length))).join(" × ")} Å`),
    ],
    notes: [
      ...(models > 1 ? [`${models} models: the first is used.`] : []),
      ...(isTrace ? ["one atom per residue: good for a density at low resolution, not for map–model FSC."] : []),
    ],
  };
}

/** An atomic model in mmCIF format: counted, not read. */
export function describeMmcif(text: string, path: string): Description {
  const count = text.match(/^(ATOM|HETATM)\s/gm)?.length ?? 0;
  return {
    path,
    kind: "mmcif",
    summary: `an atomic model (mmCIF) of ${counted(count, "atom")}`,
    facts: [],
    notes: [],
  };
}
