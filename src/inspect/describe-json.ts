import { DataError, messageOf } from "../core/errors.ts";
import { type Description, type Fact, fact } from "./description.ts";
import { fscFacts } from "./fsc-facts.ts";
import { counted, grouped, listed, shortNumber } from "./words.ts";

type Json = Readonly<Record<string, unknown>>;

/** run.json, run_fsc.json, a checkpoint's manifest, the numbers of a report, or any other JSON. */
export function describeJson(text: string, path: string): Description {
  const value = parsed(text, path);
  if (!isRecord(value)) {
    const summary = Array.isArray(value) ? `a JSON list of ${counted(value.length, "item")}` : "a JSON value";
    return { path, kind: "json", summary, facts: [], notes: [] };
  }
  if (value["program"] === "vitreous" && isRecord(value["options"])) return describeRunRecord(value, path);
  if (typeof value["state"] === "string" && typeof value["crc32"] === "number") return describeManifest(value, path);
  if (Array.isArray(value["shells"])) return describeFsc(value, path);
  const keys = Object.keys(value);
  return {
    path,
    kind: "json",
    summary: `JSON of ${counted(keys.length, "entry", "entries")}: ${listed(keys, 8)}`,
    facts: [],
    notes: [],
  };
}

function describeRunRecord(record: Json, path: string): Description {
  const { version, started, options, data, device, machine } = record;
  const set = isRecord(data) ? data : {};
  return {
    path,
    kind: "run-record",
    summary: `the record of a Vitreous run: version ${String(version)}, started ${String(started)}`,
    facts: [
      ...(typeof set["particleCount"] === "number"
        ? [
            fact(
              "data",
              `${grouped(set["particleCount"])} particles of ${String(set["boxPx"])} px at ${String(set["pixelSizeA"])} Å`,
            ),
          ]
        : []),
      ...(isRecord(device) ? [fact("device", String(device["description"]))] : []),
      ...(isRecord(machine) ? [fact("machine", String(machine["hostName"]))] : []),
      ...optionFacts(options as Json),
    ],
    notes: [],
  };
}

/** The options that a reader of a run asks for first. */
const SHOWN_OPTIONS = [
  "particles",
  "reference",
  "out",
  "symmetry",
  "maskDiameterA",
  "initialResolutionA",
  "stages",
  "seed",
];

function optionFacts(options: Json): Fact[] {
  return SHOWN_OPTIONS.filter((name) => Object.hasOwn(options, name)).map((name) => fact(name, String(options[name])));
}

function describeManifest(manifest: Json, path: string): Description {
  const previous = isRecord(manifest["previous"]) ? manifest["previous"] : undefined;
  return {
    path,
    kind: "checkpoint-manifest",
    summary: `the manifest of a checkpoint: the run is saved after round ${String(manifest["round"])}`,
    facts: [
      fact("state", `${String(manifest["state"])}, checksum ${String(manifest["crc32"])}`),
      ...(previous ? [fact("before it", `${String(previous["state"])}, round ${String(previous["round"])}`)] : []),
    ],
    notes: [],
  };
}

function describeFsc(curves: Json, path: string): Description {
  const shells = (curves["shells"] as readonly unknown[]).filter(isRecord);
  const boxA = Number(curves["boxPx"]) * Number(curves["pixelSizeA"]);
  const frequency = shells.map((shell) => Number(shell["shell"]) / boxA);
  const names = ["corrected", "masked", "unmasked"].filter((name) => shells.some((shell) => name in shell));
  const mask = typeof curves["mask"] === "string" ? [fact("mask", curves["mask"])] : [];
  return {
    path,
    kind: "fsc-json",
    summary: `FSC curves of ${counted(shells.length, "shell")} (${String(curves["boxPx"])} px at ${shortNumber(Number(curves["pixelSizeA"]))} Å)`,
    facts: [
      ...mask,
      ...names.flatMap((name) =>
        fscFacts(
          name,
          frequency,
          shells.map((shell) => Number(shell[name])),
        ),
      ),
    ],
    notes: [],
  };
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new DataError(
      `${path}: damaged JSON: ${messageOf(thrown)}. Copy or make the file again.`,
      { where: path },
      thrown,
    );
  }
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
