import { readCsFile } from "../io/node/cs-file.ts";
import { readStarFile } from "../io/node/star-file.ts";
import { particlesFromCs } from "../particles/from-cs.ts";
import { type FromStarOptions, particlesFromStar } from "../particles/from-star.ts";
import type { ParticleTable } from "../particles/table.ts";

/** The particle table of a STAR or cryoSPARC .cs file, told apart by the name. */
export function readPoses(path: string, options: FromStarOptions): ParticleTable {
  return path.toLowerCase().endsWith(".cs")
    ? particlesFromCs(readCsFile(path))
    : particlesFromStar(readStarFile(path), options);
}
