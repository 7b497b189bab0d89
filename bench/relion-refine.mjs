// One run of RELION's auto-refinement, or a finished one, with what it used.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/** The options of the comparison: the same for every set. */
export const RELION_OPTIONS =
  "--auto_refine --split_random_halves --ini_high 60 --firstiter_cc --ctf --particle_diameter 300 --flatten_solvent " +
  "--zero_mask --norm --scale --oversampling 1 --healpix_order 2 --auto_local_healpix_order 3 --offset_range 5 " +
  "--offset_step 2 --low_resol_join_halves 40 --pad 2 --sym C1 --j 1 --random_seed 1 --dont_check_norm";

/**
 * @param done  folder of a finished run (relative to the set's folder, or absolute), its usage in `<done>.time`; null: run it now
 */
export function relionRefine(folder, done) {
  const name = done ?? "relion";
  const out = isAbsolute(name) ? name : join(folder, name);
  const timePath = `${out}.time`;
  if (done === null) run(folder, out, timePath);
  const files = { map: join(out, "run_class001.mrc"), poses: join(out, "run_data.star") };
  if (!existsSync(files.map)) throw new Error(`${out}: no run_class001.mrc: this RELION run has not finished.`);
  return {
    program: "relion",
    args: RELION_OPTIONS.split(" "),
    usage: readTime(timePath),
    files,
    isReused: done !== null,
  };
}

function run(folder, out, timePath) {
  for (const program of ["/usr/bin/time", "/usr/bin/mpirun", "/usr/bin/relion_refine_mpi"]) {
    if (!existsSync(program))
      throw new Error(`${program} is missing. On Debian: apt-get install time openmpi-bin relion`);
  }
  mkdirSync(out, { recursive: true });
  const args = [
    "-v",
    "-o",
    timePath,
    "mpirun",
    "--oversubscribe",
    "--bind-to",
    "none",
    "--mca",
    "mpi_yield_when_idle",
    "1",
  ];
  args.push("-n", "3", "relion_refine_mpi", "--i", "particles.star", "--ref", "reference.mrc", "--o", join(out, "run"));
  const env = {
    ...process.env,
    OMPI_ALLOW_RUN_AS_ROOT: "1",
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
    OMP_NUM_THREADS: "1",
  };
  const result = spawnSync("/usr/bin/time", [...args, ...RELION_OPTIONS.split(" ")], {
    cwd: folder,
    env,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (result.status !== 0)
    throw new Error(`relion_refine_mpi failed (${result.status}):\n${result.stderr.slice(-2000)}`);
}

/** The report of `/usr/bin/time -v`: all processes that mpirun waited for; the memory is the largest process's. */
export function readTime(path) {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const field = (name) => text.match(new RegExp(`${name}[^\\n]*: ([\\d.:]+)\\s*$`, "m"))?.[1];
  const user = Number(field("User time"));
  if (!Number.isFinite(user)) return null;
  const clock = text
    .match(/Elapsed \(wall clock\)[^\n]*\): ([\d:.]+)/)[1]
    .split(":")
    .map(Number);
  return {
    wallS: clock.reduce((sum, part) => 60 * sum + part, 0),
    processorS: user + Number(field("System time")),
    peakMB: (Number(field("Maximum resident set size")) * 1024) / 1e6,
  };
}
