/** What the environment says of the job that this process was started in: the launcher's own words, before MPI itself is asked. */
export interface LaunchedJob {
  /** For messages: "mpirun of Open MPI", "srun", … */
  readonly launcher: string;
  readonly rank: number;
  readonly size: number;
  /** Ranks on this host; null: not told. */
  readonly localSize: number | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The job of a launcher, null for a process that was started by itself. */
export function launchedJob(environment: Environment): LaunchedJob | null {
  const number = (name: string): number | null => {
    const text = environment[name];
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
  };
  const job = (launcher: string, rank: string, size: string, localSize: string): LaunchedJob | null => {
    const ranks = number(size);
    const own = number(rank);
    return ranks === null || own === null ? null : { launcher, rank: own, size: ranks, localSize: number(localSize) };
  };
  const open = job("mpirun (Open MPI)", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE");
  if (open) return open;
  // srun sets these for every task; only with one of its MPI plugins do the tasks find each other.
  const isSlurm = number("SLURM_PROCID") !== null;
  const pmi = job(isSlurm ? "srun" : "mpiexec (MPICH)", "PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS");
  if (pmi) return isSlurm ? { ...pmi, localSize: slurmLocalSize(environment) } : pmi;
  if (isSlurm && (environment["PMIX_RANK"] !== undefined || hasMpiPlugin(environment))) {
    const slurm = job("srun", "SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCAL_TASKS");
    return slurm && { ...slurm, localSize: slurmLocalSize(environment) };
  }
  return null;
}

function hasMpiPlugin(environment: Environment): boolean {
  const type = environment["SLURM_MPI_TYPE"];
  return type !== undefined && type !== "none";
}

/** Tasks on this node: "4", or "4(x2),3" for nodes in order, of which SLURM_NODEID is ours. */
function slurmLocalSize(environment: Environment): number | null {
  const node = Number(environment["SLURM_NODEID"] ?? 0);
  let first = 0;
  for (const part of (environment["SLURM_TASKS_PER_NODE"] ?? "").split(",")) {
    const found = /^(\d+)(?:\(x(\d+)\))?$/.exec(part.trim());
    if (!found) return null;
    first += Number(found[2] ?? 1);
    if (node < first) return Number(found[1]);
  }
  return null;
}
