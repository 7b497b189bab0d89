// How a job of several ranks is started here, and which process is which rank.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

const isOpenMpi = spawnSync("mpirun", ["--version"], { encoding: "utf8" }).stdout?.includes("Open MPI") ?? false;

/** Words that start a program on n ranks of this host, whatever its number of cores. */
export function mpirunWords(ranks) {
  if (!isOpenMpi) return ["-n", String(ranks)];
  const asRoot = process.getuid() === 0 ? ["--allow-run-as-root"] : [];
  return [...asRoot, "--oversubscribe", "--bind-to", "none", "-n", String(ranks)];
}

/** The process of a rank below this one; undefined before it is there. */
export function pidOfRank(pid, rank) {
  return descendants(pid).find((child) => rankOf(child) === rank);
}

function descendants(pid) {
  try {
    const tasks = `/proc/${pid}/task`;
    if (!existsSync(tasks)) return [];
    const children = readdirSync(tasks).flatMap((task) =>
      readFileSync(`${tasks}/${task}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
    );
    return children.flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return []; // it ended meanwhile
  }
}

function rankOf(pid) {
  try {
    const found = /(?:^|\0)(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, "utf8"));
    return found ? Number(found[1]) : undefined;
  } catch {
    return undefined;
  }
}
