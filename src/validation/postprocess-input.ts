import { DataError, UsageError } from "../core/errors.ts";
import { readFileBytes } from "../io/node/file-reader.ts";
import { folderOf, joinPath, pathExists } from "../io/node/folders.ts";
import type { PostprocessOptions } from "../options/postprocess-options.ts";

export interface PostprocessFiles {
  readonly half1: string;
  readonly half2: string;
  readonly out: string;
  /** Particles with poses; null where there are none. */
  readonly particles: string | null;
  readonly symmetry: string;
  /** Folder that image names are relative to; null looks beside the particle file and in the working folder. */
  readonly particleRoot: string | null;
}

/** Which files are meant: those of a run folder, or the two half maps given. */
export function postprocessFiles(options: PostprocessOptions): PostprocessFiles {
  const files = filesOf(options);
  if (options.scoreParticles && files.particles === null) {
    throw new UsageError("postprocess: --score-particles: expected particles with poses, got none. Give --particles.");
  }
  return files;
}

function filesOf(options: PostprocessOptions): PostprocessFiles {
  const { folder, half1, half2 } = options;
  if (folder === null) {
    if (half1 === null || half2 === null) {
      throw new UsageError(
        `postprocess: expected a run folder or both --half1 and --half2, got ${
          half1 === null && half2 === null ? "neither" : `only --half${half1 === null ? 2 : 1}`
        }. Give the folder that --out of refine named.`,
        { half1, half2 },
      );
    }
    return {
      half1,
      half2,
      out: options.out ?? "postprocess",
      particles: options.particles,
      symmetry: options.symmetry === "auto" ? "C1" : options.symmetry,
      particleRoot: options.particleRoot,
    };
  }
  if (half1 !== null || half2 !== null) {
    throw new UsageError("postprocess: expected a run folder or half maps, got both. Leave one of them out.", {
      folder,
    });
  }
  const inFolder = (name: string) => joinPath(folder, name);
  const [first, second] = [1, 2].map((half) => inFolder(`run_half${half}_class001_unfil.mrc`)) as [string, string];
  const missing = [first, second].filter((path) => !pathExists(path));
  if (missing.length > 0) {
    throw new DataError(
      `${folder}: expected a finished run, ${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing. ` +
        "Finish it with vitreous resume, or give --half1 and --half2.",
      { folder, missing },
    );
  }
  const poses = inFolder("run_data.star");
  const run = runOptions(inFolder("run.json"));
  return {
    half1: first,
    half2: second,
    out: options.out ?? inFolder("postprocess"),
    particles: options.particles ?? (pathExists(poses) ? poses : null),
    symmetry: options.symmetry === "auto" ? (run.symmetry ?? "C1") : options.symmetry,
    // A run's poses name the images as its input did.
    particleRoot: options.particleRoot ?? run.particleRoot ?? (run.particles ? folderOf(run.particles) : null),
  };
}

interface RunOptions {
  readonly symmetry?: string;
  readonly particles?: string;
  readonly particleRoot?: string | null;
}

/** What run.json says of the run; nothing where the folder holds another program's. */
function runOptions(record: string): RunOptions {
  if (!pathExists(record)) return {};
  const text = new TextDecoder().decode(readFileBytes(record));
  try {
    return (JSON.parse(text) as { options?: RunOptions }).options ?? {};
  } catch (thrown) {
    throw new DataError(
      `${record}: expected the record of a run, got broken JSON. Give --half1 and --half2 instead of the folder.`,
      { record },
      thrown,
    );
  }
}
