import { describe, expect, test } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { fscOfMaps } from "../../src/map/fsc.ts";
import { lowPassMap } from "../../src/map/low-pass.ts";
import { readMmcifAtoms } from "../../src/map/mmcif-model.ts";
import { modelDensityInto } from "../../src/map/model-density.ts";
import { readPdbAtoms } from "../../src/map/pdb-model.ts";
import { plainFft } from "./plain-fft.ts";

const pdb = [
  "ATOM      1  N   ALA A   1       1.500   2.250  -3.000  1.00 20.00           N",
  "ATOM      2  O5' DA  A   2      -4.125   0.000   7.500  0.50 35.50           O",
  "HETATM    3 ZN   ZN  A   3       6.000  -5.000   2.000  1.00  0.00          ZN",
  "",
].join("\n");

const cif = [
  "data_TEST",
  "#",
  "loop_",
  "_entity.id",
  "_entity.pdbx_description",
  "1 'a protein'",
  "#",
  "loop_",
  "_atom_site.group_PDB",
  "_atom_site.type_symbol",
  "_atom_site.label_atom_id",
  "_atom_site.Cartn_x",
  "_atom_site.Cartn_y",
  "_atom_site.Cartn_z",
  "_atom_site.occupancy",
  "_atom_site.B_iso_or_equiv",
  "_atom_site.pdbx_PDB_model_num",
  "ATOM N N 1.500 2.250 -3.000 1.00 20.00 1",
  `ATOM O "O5'" -4.125 0.000 7.500 0.50 35.50 1`,
  "HETATM Zn 'Z N' 6.000 -5.000 2.000 . ? 1",
  "ATOM C CA 0 0 0 1 1 2",
  "#",
  "",
].join("\n");

describe("mmCIF", () => {
  test("gives the same atoms as the same model in PDB format, the first model only", () => {
    expect(readMmcifAtoms(cif, "a.cif")).toEqual(readPdbAtoms(pdb, "a.pdb"));
  });

  test.each([
    ["no table of atoms", "data_x\n_cell.length_a 1\n", "expected a table of atoms"],
    ["a row too short", cif.replace("-3.000 1.00", "-3.000"), "a.cif:18: expected 9 values, got 8"],
    [
      "a word for a coordinate",
      cif.replace("2.250", "two"),
      'a.cif:18: expected three coordinates, got "1.500,two,-3.000"',
    ],
    ["no coordinates", cif.replace("Cartn_z", "Cartn_w"), "expected a column _atom_site.Cartn_z, found none"],
  ])("with %s is refused", (_, text, message) => {
    expect(() => readMmcifAtoms(text, "a.cif")).toThrow(DataError);
    expect(() => readMmcifAtoms(text, "a.cif")).toThrow(message);
  });
});

describe("the density of a model", () => {
  const n = 24;
  const atoms = readPdbAtoms(pdb, "a.pdb");

  test("holds the electrons, in the voxels where the atoms are", () => {
    const density = new Float32Array(n ** 3);
    expect(modelDensityInto(density, n, 1, atoms, [-12, -12, -12])).toBe(0);
    // 7 + 8/2 + 30
    expect(density.reduce((sum, value) => sum + value, 0)).toBeCloseTo(41, 3);
    const brightest = density.indexOf(density.reduce((a, b) => Math.max(a, b)));
    expect([brightest % n, Math.floor(brightest / n) % n, Math.floor(brightest / n / n)]).toEqual([18, 7, 14]);
  });

  test("counts the atoms outside the box", () => {
    expect(modelDensityInto(new Float32Array(n ** 3), n, 1, atoms, [0, -12, -12])).toBe(1);
  });

  test("agrees with a low-passed copy of itself up to the filter and not in a shifted frame", async () => {
    const flat = atoms.map((atom) => ({ ...atom, bFactorA2: 0 }));
    const [density, shifted] = [new Float32Array(n ** 3), new Float32Array(n ** 3)];
    modelDensityInto(density, n, 1, flat, [-12, -12, -12]);
    modelDensityInto(shifted, n, 1, flat, [-15, -12, -12]);
    const same = await fscOfMaps(density, await lowPassMap(density, n, 1, 4, plainFft), n, plainFft);
    const other = await fscOfMaps(density, shifted, n, plainFft);
    for (let shell = 1; shell < 5; shell++) expect(same[shell]).toBeGreaterThan(0.999);
    expect(Math.min(...Array.from(other).slice(1, 6))).toBeLessThan(0.5);
  });
});
