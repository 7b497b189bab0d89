import { DataError } from "../core/errors.ts";
import { type Description, fact } from "./description.ts";
import { fscFacts } from "./fsc-facts.ts";
import { counted, shortNumber } from "./words.ts";

/** An FSC curve in the XML that EMDB takes: <fsc …><coordinate><x/><y/></coordinate>…</fsc>. */
export function describeXml(text: string, path: string): Description {
  const root = /<fsc\b([^>]*)>/.exec(text);
  if (root === null) {
    const name = /<([A-Za-z_][\w.-]*)[\s/>]/.exec(text.replace(/<\?[^?]*\?>/, ""))?.[1] ?? "?";
    return { path, kind: "xml", summary: `an XML file (<${name}>), not an FSC curve`, facts: [], notes: [] };
  }
  const frequency: number[] = [];
  const values: number[] = [];
  for (const match of text.matchAll(/<coordinate>\s*<x>([^<]*)<\/x>\s*<y>([^<]*)<\/y>\s*<\/coordinate>/g)) {
    frequency.push(Number(match[1]));
    values.push(Number(match[2]));
  }
  if (frequency.length === 0) {
    throw new DataError(`${path}: an <fsc> without <coordinate> elements. Export the curve again.`, { where: path });
  }
  const bad = frequency.filter((f, i) => !Number.isFinite(f) || !Number.isFinite(values[i]!)).length;
  const title = /title="([^"]*)"/.exec(root[1] ?? "")?.[1];
  return {
    path,
    kind: "fsc-xml",
    summary: `an FSC curve (EMDB XML) of ${counted(frequency.length, "point")} up to ${shortNumber(1 / Math.max(...frequency))} Å`,
    facts: [...(title ? [fact("title", title)] : []), ...fscFacts("falls", frequency, values)],
    notes: [
      ...(bad > 0 ? [`${counted(bad, "point")} without numbers.`] : []),
      ...(text.includes("</fsc>") ? [] : ["the file ends before </fsc>: it is not complete."]),
    ],
  };
}
