import { DataError } from "../core/errors.ts";
import { ProblemList } from "../core/problems.ts";
import type { StarBlock, StarDocument } from "../io/star/document.ts";
import type { StarTable } from "../io/star/table.ts";
import { checkDuplicates } from "../particles/duplicates.ts";
import { particlesFromStar } from "../particles/from-star.ts";
import { readImageNames, readNames } from "../particles/image-names.ts";
import type { ParticleTable } from "../particles/table.ts";
import { type Fact, fact } from "./description.ts";
import { counted, grouped, listed, shortNumber, spread, spreadText } from "./words.ts";

/** What the columns of a particle table say, read one by one so that a fault in one does not hide the others. */
export function describeParticleTable(document: StarDocument, { table }: StarBlock): Fact[] {
  return [
    ...imageFacts(table),
    ...opticsFacts(document, table),
    ...ctfFacts(table),
    ...poseFacts(table),
    ...halfSetFacts(table),
    ...scoreFacts(table),
  ];
}

/** The particles of a .cs file, after reading. */
export function describeTable(table: ParticleTable): Fact[] {
  const groups = table.opticsGroups.map(
    (g) =>
      `${g.name}: ${g.voltageKv} kV, Cs ${shortNumber(g.sphericalAberrationMm)} mm, ${shortNumber(g.pixelSizeA)} Å, ${g.boxPx} px`,
  );
  const facts = [
    fact("images", `in ${counted(table.stackPaths.length, "stack")}: ${listed(table.stackPaths, 2)}`),
    fact(groups.length === 1 ? "optics" : "optics groups", `${listed(groups, 4)}`),
    fact("defocus", `U ${spreadText(table.defocusUA, "Å", 0)}; V ${spreadText(table.defocusVA, "Å", 0)}`),
    fact("poses", table.hasPoses ? "yes" : "none: the search starts everywhere"),
  ];
  const halves = [1, 2].map((half) => table.randomSubset.reduce((sum, value) => sum + (value === half ? 1 : 0), 0));
  if (halves[0]! + halves[1]! > 0) facts.push(fact("half-sets", `${grouped(halves[0]!)} and ${grouped(halves[1]!)}`));
  return facts;
}

/** Why `refine` would stop at this file: the first sentences of the reader's refusal. */
export function missingOf(document: StarDocument): string[] {
  const hasImages = document.blocks.some((block) => block.isLoop && block.table.has("rlnImageName"));
  if (!hasImages) return [];
  try {
    return [...particlesFromStar(document).notes];
  } catch (thrown) {
    if (!(thrown instanceof DataError)) throw thrown;
    const problems = thrown.fields["problems"];
    const first = Array.isArray(problems) ? String(problems[0]) : thrown.message;
    const count = typeof thrown.fields["count"] === "number" ? thrown.fields["count"] : 1;
    const more = count > 1 ? ` (and ${count - 1} more: vitreous validate lists them)` : "";
    return [`refine would refuse it: ${first}${more}`];
  }
}

function imageFacts(table: StarTable): Fact[] {
  // A name that cannot be read is told by the reader's refusal.
  const names = readImageNames(table, new ProblemList(table.where));
  const copies = checkDuplicates(names, new Uint8Array(table.rowCount), String, new ProblemList(table.where));
  const stacks = names.stackPaths;
  const facts = [
    fact(
      "images",
      `${counted(table.rowCount - copies, "image")} in ${counted(stacks.length, "file")}: ${listed(stacks, 2)}`,
    ),
  ];
  if (copies > 0) facts.push(fact("repeated", `${counted(copies, "row")} with the image of an earlier row`));
  if (table.has("rlnMicrographName")) {
    const { names: micrographs } = readNames(table, "rlnMicrographName");
    const share = table.rowCount / micrographs.length;
    facts.push(fact("micrographs", `${grouped(micrographs.length)}, on average ${shortNumber(share)} particles each`));
  }
  return facts;
}

function opticsFacts(document: StarDocument, particles: StarTable): Fact[] {
  const optics = document.blocks.find((block) => block.table !== particles && block.table.has("rlnOpticsGroup"))?.table;
  const table = optics ?? particles;
  const rows = optics === undefined ? 1 : optics.rowCount;
  const groups = Array.from({ length: rows }, (_, row) => {
    const text = (label: string): string | undefined => (table.has(label) ? table.text(label, row) : undefined);
    const number = (label: string, unit: string): string | undefined => {
      const value = text(label);
      return value === undefined ? undefined : `${shortNumber(Number(value))}${unit}`;
    };
    const name = optics === undefined ? undefined : (text("rlnOpticsGroupName") ?? `group ${text("rlnOpticsGroup")}`);
    const parts = [
      number("rlnVoltage", " kV"),
      prefixed("Cs ", number("rlnSphericalAberration", " mm")),
      prefixed("amplitude contrast ", number("rlnAmplitudeContrast", "")),
      number("rlnImagePixelSize", " Å per pixel") ?? oldPixelSize(table, row),
      number("rlnImageSize", " px"),
      isBeamTilted(table, row) ? "beam tilt" : undefined,
      hasValues(text("rlnOddZernike")) || hasValues(text("rlnEvenZernike")) ? "Zernike aberrations" : undefined,
      isMagnified(table, row) ? "magnification matrix" : undefined,
      text("rlnCtfDataAreCtfPremultiplied") === "1" ? "CTF-premultiplied" : undefined,
    ].filter((part) => part !== undefined);
    return `${name === undefined ? "" : `${name}: `}${parts.join(", ") || "nothing stated"}`;
  });
  return groups.length === 1
    ? [fact("optics", groups[0]!)]
    : [fact("optics groups", String(groups.length)), ...groups.slice(0, 8).map((group) => fact("", group))];
}

function oldPixelSize(table: StarTable, row: number): string | undefined {
  if (!table.has("rlnDetectorPixelSize") || !table.has("rlnMagnification")) return undefined;
  const sizeA = (1e4 * Number(table.text("rlnDetectorPixelSize", row))) / Number(table.text("rlnMagnification", row));
  return `${shortNumber(sizeA)} Å per pixel (from detector pixel and magnification)`;
}

function prefixed(prefix: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : prefix + text;
}

function isBeamTilted(table: StarTable, row: number): boolean {
  return ["rlnBeamTiltX", "rlnBeamTiltY"].some((label) => table.has(label) && Number(table.text(label, row)) !== 0);
}

function isMagnified(table: StarTable, row: number): boolean {
  return ["rlnMagMat00", "rlnMagMat01", "rlnMagMat10", "rlnMagMat11"].some(
    (label, i) => table.has(label) && Math.abs(Number(table.text(label, row)) - (i === 0 || i === 3 ? 1 : 0)) > 1e-6,
  );
}

function hasValues(list: string | undefined): boolean {
  return list?.split(/[[\],\s]+/).some((item) => item !== "" && Number(item) !== 0) ?? false;
}

function ctfFacts(table: StarTable): Fact[] {
  if (!table.has("rlnDefocusU")) return [fact("CTF", "no defocus columns")];
  const facts = [fact("defocus", spreadOf(table, "rlnDefocusU", "Å", 0))];
  if (table.has("rlnDefocusV")) {
    const u = safeNumbers(table, "rlnDefocusU");
    const v = safeNumbers(table, "rlnDefocusV");
    if (u && v)
      facts.push(
        fact(
          "astigmatism",
          spreadText(
            u.map((value, i) => Math.abs(value - v[i]!)),
            "Å",
            0,
          ),
        ),
      );
  }
  const phase = table.has("rlnPhaseShift") ? safeNumbers(table, "rlnPhaseShift") : undefined;
  if (phase?.some((value) => value !== 0)) facts.push(fact("phase plate", spreadText(phase, "°", 1)));
  return facts;
}

function poseFacts(table: StarTable): Fact[] {
  if (!table.has("rlnAngleRot") || !table.has("rlnAngleTilt"))
    return [fact("poses", "none: the search starts everywhere")];
  const label = table.has("rlnOriginXAngst") ? "rlnOriginXAngst" : "rlnOriginX";
  const [x, y] = [label, label.replace("X", "Y")].map((name) =>
    table.has(name) ? safeNumbers(table, name) : undefined,
  );
  const shifts = x && y ? x.map((value, i) => Math.hypot(value, y[i]!)) : undefined;
  const tail = shifts ? `, shifts ${spreadText(shifts, label === "rlnOriginX" ? "px" : "Å", 1)}` : "";
  return [fact("poses", `yes${tail}`)];
}

function halfSetFacts(table: StarTable): Fact[] {
  const values = table.has("rlnRandomSubset") ? safeNumbers(table, "rlnRandomSubset") : undefined;
  if (!values) return [];
  const count = (half: number): number => values.reduce((sum, value) => sum + (value === half ? 1 : 0), 0);
  return [fact("half-sets", `${grouped(count(1))} and ${grouped(count(2))}`)];
}

function scoreFacts(table: StarTable): Fact[] {
  const facts: Fact[] = [];
  const good = table.has("vitGoodProbability") ? safeNumbers(table, "vitGoodProbability") : undefined;
  if (good) {
    const kept = good.reduce((sum, value) => sum + (value >= 0.5 ? 1 : 0), 0);
    facts.push(
      fact("good", `${grouped(kept)} of ${grouped(good.length)} show the particle (vitGoodProbability ≥ 0.5)`),
    );
  }
  const classes = table.has("rlnClassNumber") ? safeNumbers(table, "rlnClassNumber") : undefined;
  if (classes) {
    const numbers = [...new Set(classes)];
    if (numbers.length > 1) facts.push(fact("classes", String(numbers.length)));
  }
  return facts;
}

function spreadOf(table: StarTable, label: string, unit: string, digits: number): string {
  const values = safeNumbers(table, label);
  if (!values) return `${label} holds text where numbers belong`;
  const { notFiniteCount } = spread(values);
  return (
    spreadText(values, unit, digits) + (notFiniteCount > 0 ? `, ${counted(notFiniteCount, "value")} not finite` : "")
  );
}

/** A column of numbers, undefined where text stands in it: the reader's refusal, shown as a note, says where. */
function safeNumbers(table: StarTable, label: string): Float64Array | undefined {
  try {
    return table.numbers(label);
  } catch (thrown) {
    if (thrown instanceof DataError) return undefined;
    throw thrown;
  }
}
