import { findBlock, type StarBlock, type StarDocument } from "../io/star/document.ts";
import { STAR_LABELS } from "../io/star/labels.ts";
import { parseStar } from "../io/star/parse.ts";
import type { StarTable } from "../io/star/table.ts";
import { describeParticleTable, missingOf } from "./describe-particles.ts";
import { type Description, type Fact, fact } from "./description.ts";
import { fscFacts } from "./fsc-facts.ts";
import { counted, listed, shortNumber } from "./words.ts";

/** A STAR file of any kind. */
export function describeStar(bytes: Uint8Array, path: string): Description {
  const document = parseStar(bytes, path);
  const particles = document.blocks.find((block) => block.isLoop && block.table.has("rlnImageName"));
  if (particles !== undefined && particles.table.rowCount > 0) return describeParticles(document, particles);
  const kind = KINDS.find(({ isIt }) => isIt(document));
  const summary = kind?.summary(document) ?? `a STAR file of ${counted(document.blocks.length, "block")}`;
  return {
    path,
    kind: kind?.kind ?? "star",
    summary,
    facts: [...(kind?.facts?.(document) ?? []), ...blockFacts(document)],
    notes: [...emptyNotes(document), ...missingOf(document)],
  };
}

interface StarKind {
  readonly kind: string;
  readonly isIt: (document: StarDocument) => boolean;
  readonly summary: (document: StarDocument) => string;
  readonly facts?: (document: StarDocument) => Fact[];
}

const KINDS: readonly StarKind[] = [
  {
    kind: "star-fsc",
    isIt: (document) => fscTable(document) !== undefined,
    summary: (document) => `FSC curves of ${counted(fscTable(document)!.rowCount, "shell")}, from postprocessing`,
    facts: (document) => fscTableFacts(fscTable(document)!),
  },
  {
    kind: "star-model",
    isIt: (document) => findBlock(document, "model_general") !== undefined,
    summary: (document) =>
      document.blocks.some((block) => block.name === "vit_rounds")
        ? "the model of a Vitreous round: FSC, noise spectra and the history of the rounds"
        : "the model of a RELION refinement: FSC, signal-to-noise and noise spectra per shell",
    facts: modelFacts,
  },
  {
    kind: "star-optimiser",
    isIt: (document) => findBlock(document, "optimiser_general") !== undefined,
    summary: () => "the state of a RELION refinement (optimiser): what --continue of RELION goes on from",
    facts: (document) => pairFacts(findBlock(document, "optimiser_general")!.table, 6),
  },
  {
    kind: "star-sampling",
    isIt: (document) => findBlock(document, "sampling_general") !== undefined,
    summary: () => "the angular sampling of a RELION refinement",
    facts: (document) => pairFacts(findBlock(document, "sampling_general")!.table, 8),
  },
  {
    kind: "star-pipeline",
    isIt: (document) => document.blocks.some((block) => block.name.startsWith("pipeline_")),
    summary: (document) =>
      `a RELION project's pipeline of ${counted(findBlock(document, "pipeline_processes")?.table.rowCount ?? 0, "job")}`,
  },
  {
    kind: "star-job",
    isIt: (document) => findBlock(document, "joboptions_values") !== undefined,
    summary: () => "the options of a RELION job",
  },
  {
    kind: "star-micrographs",
    isIt: (document) => document.blocks.some(({ table }) => table.has("rlnMicrographName") && table.rowCount > 0),
    summary: (document) => {
      const { table } = document.blocks.find((block) => block.table.has("rlnMicrographName"))!;
      return `${counted(table.rowCount, "row")} that name micrographs, without particle images`;
    },
  },
  {
    kind: "star-coordinates",
    isIt: (document) => document.blocks.some(({ table }) => table.has("rlnCoordinateX")),
    summary: (document) => {
      const { table } = document.blocks.find((block) => block.table.has("rlnCoordinateX"))!;
      return `coordinates of ${counted(table.rowCount, "particle")}, without images`;
    },
  },
];

/** What a particle table of volumes is told. */
export const SUBTOMOGRAMS = "subtomograms are volumes: refine takes images.";

/** Whether the images of a particle table are volumes: each a file of its own, with a place in three dimensions. */
export function holdsSubtomograms(table: StarTable): boolean {
  return !table.text("rlnImageName", 0).includes("@") && table.has("rlnCoordinateZ");
}

function describeParticles(document: StarDocument, block: StarBlock): Description {
  const { table } = block;
  const hasOptics = document.blocks.some((other) => other !== block && other.table.has("rlnOpticsGroup"));
  const isVolumes = holdsSubtomograms(table);
  const layout = isVolumes ? "subtomograms" : hasOptics ? "RELION 3.1 or later" : "RELION 3.0 or earlier";
  const rejected = table.has("vitRejectionReason") ? "rejected " : "";
  return {
    path: document.where,
    kind: isVolumes ? "star-subtomograms" : "star-particles",
    summary: `a set of ${counted(table.rowCount, `${rejected}particle`)} (STAR, ${layout})`,
    facts: [...describeParticleTable(document, block), ...otherBlocks(document, block), columnsFact(table)],
    notes: [...(isVolumes ? [SUBTOMOGRAMS] : missingOf(document)), ...emptyNotes(document)],
  };
}

function fscTable(document: StarDocument): StarTable | undefined {
  return document.blocks.find(
    ({ table }) => table.has("rlnFourierShellCorrelationCorrected") || table.has("rlnFourierShellCorrelation"),
  )?.table;
}

function fscTableFacts(table: StarTable): Fact[] {
  if (!table.has("rlnResolution") && !table.has("rlnAngstromResolution")) return [];
  const frequency = table.has("rlnResolution")
    ? table.numbers("rlnResolution")
    : table.numbers("rlnAngstromResolution").map((a) => 1 / a);
  const curves: readonly (readonly [label: string, name: string])[] = [
    ["rlnFourierShellCorrelationCorrected", "corrected"],
    ["rlnFourierShellCorrelation", "FSC"],
    ["rlnFourierShellCorrelationMaskedMaps", "masked"],
    ["rlnFourierShellCorrelationUnmaskedMaps", "unmasked"],
  ];
  return curves.flatMap(([label, name]) => (table.has(label) ? fscFacts(name, frequency, table.numbers(label)) : []));
}

function modelFacts(document: StarDocument): Fact[] {
  const general = findBlock(document, "model_general")!.table;
  const value = (label: string): number | undefined => (general.has(label) ? general.numbers(label)[0] : undefined);
  const [boxPx, pixelSizeA, resolutionA] = ["rlnOriginalImageSize", "rlnPixelSize", "rlnCurrentResolution"].map(value);
  const facts: Fact[] = [];
  if (boxPx !== undefined && pixelSizeA !== undefined) {
    facts.push(fact("images", `${boxPx} px at ${shortNumber(pixelSizeA)} Å per pixel`));
  }
  if (resolutionA !== undefined) facts.push(fact("resolution", `${shortNumber(resolutionA)} Å, as the file states it`));
  const rounds = document.blocks.find((block) => block.name === "vit_rounds")?.table;
  if (rounds !== undefined && rounds.rowCount > 0) facts.push(fact("rounds", String(rounds.rowCount)));
  return facts;
}

function pairFacts(table: StarTable, most: number): Fact[] {
  return table.rowCount === 0
    ? []
    : table.labels.slice(0, most).map((label) => fact(label.replace(/^rln/, ""), table.text(label, 0)));
}

function otherBlocks(document: StarDocument, particles: StarBlock): Fact[] {
  const others = document.blocks.filter((block) => block !== particles && !block.table.has("rlnOpticsGroup"));
  return others.length === 0 ? [] : [fact("also", listed(others.map(blockText)))];
}

function blockFacts(document: StarDocument): Fact[] {
  return document.blocks.map((block) => fact(`data_${block.name}`, blockText(block)));
}

function blockText({ table, isLoop, name }: StarBlock): string {
  const columns = listed(table.labels, 6);
  if (table.columns.length === 0) return `data_${name}: empty`;
  return isLoop
    ? `${counted(table.rowCount, "row")} of ${columns}`
    : `${counted(table.columns.length, "value")}: ${columns}`;
}

/** How many columns have a meaning here; the others pass through untouched. */
function columnsFact(table: StarTable): Fact {
  const known = table.labels.filter((label) => Object.hasOwn(STAR_LABELS, label));
  const others = table.labels.filter((label) => !Object.hasOwn(STAR_LABELS, label));
  const rest = others.length === 0 ? "" : `; ${others.length} kept untouched: ${listed(others, 6)}`;
  return fact("columns", `${table.labels.length}, of which ${known.length} have a meaning here${rest}`);
}

function emptyNotes(document: StarDocument): string[] {
  return document.blocks
    .filter((block) => block.isLoop && block.table.rowCount === 0)
    .map((block) => `data_${block.name} has columns but no rows.`);
}
