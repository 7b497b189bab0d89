import { DataError } from "../core/errors.ts";
import type { ByteReader } from "../io/bytes.ts";
import { readCs } from "../io/cs/dataset.ts";
import { particlesFromCs } from "../particles/from-cs.ts";
import { describeTable } from "./describe-particles.ts";
import { type Description, fact } from "./description.ts";
import { counted, listed } from "./words.ts";

/** A cryoSPARC data set. */
export function describeCs(reader: ByteReader): Description {
  const dataset = readCs(reader);
  const groups = [...new Set(dataset.names.map((name) => name.split("/")[0]!))];
  const fields = fact("fields", `${dataset.names.length} in ${counted(groups.length, "group")}: ${listed(groups, 8)}`);
  const isParticles = dataset.has("blob/path") && dataset.has("blob/idx");
  const base = { path: reader.name, kind: isParticles ? "cs-particles" : "cs" };
  const noun = isParticles ? "particle" : "record";
  const summary = `a cryoSPARC data set of ${counted(dataset.count, noun)}`;
  try {
    return { ...base, summary, facts: [...describeTable(particlesFromCs(dataset)), fields], notes: [] };
  } catch (thrown) {
    if (!(thrown instanceof DataError)) throw thrown;
    const isPassthrough = !isParticles && dataset.has("uid");
    const note = isPassthrough
      ? "it has no images of its own: a passthrough file, to be given beside the particle file of the same job."
      : `refine would refuse it: ${thrown.message}`;
    return { ...base, summary, facts: [fields], notes: [note] };
  }
}
