import { describe, expect, test } from "vitest";
import { launchedJob } from "../../src/comm/launcher.ts";
import { openCommunicator } from "../../src/comm/open.ts";
import { threadLayout } from "../../src/comm/thread-layout.ts";

const OPEN_MPI = { OMPI_COMM_WORLD_RANK: "2", OMPI_COMM_WORLD_SIZE: "4", OMPI_COMM_WORLD_LOCAL_SIZE: "2" };

describe("what a launcher says in the environment", () => {
  test.each([
    ["nothing", {}, null],
    ["Open MPI", OPEN_MPI, { launcher: "mpirun (Open MPI)", rank: 2, size: 4, localSize: 2 }],
    [
      "MPICH",
      { PMI_RANK: "0", PMI_SIZE: "3", MPI_LOCALNRANKS: "3" },
      { launcher: "mpiexec (MPICH)", rank: 0, size: 3, localSize: 3 },
    ],
    [
      "Slurm with PMIx, on the third node",
      {
        SLURM_PROCID: "5",
        SLURM_NTASKS: "7",
        SLURM_NODEID: "2",
        SLURM_TASKS_PER_NODE: "2(x2),3",
        PMIX_RANK: "5",
      },
      { launcher: "srun", rank: 5, size: 7, localSize: 3 },
    ],
    ["Slurm without MPI: tasks that know nothing of each other", { SLURM_PROCID: "1", SLURM_NTASKS: "2" }, null],
  ])("%s", (_, environment, expected) => {
    expect(launchedJob(environment)).toEqual(expected);
  });

  test("one process is chosen, and said so, without a launcher, under one of a single rank, and on request", async () => {
    const single = { OMPI_COMM_WORLD_RANK: "0", OMPI_COMM_WORLD_SIZE: "1" };
    for (const [mpi, environment, why] of [
      ["auto", {}, "one process: no launcher of parallel jobs was found"],
      ["auto", single, "one process: one rank under mpirun (Open MPI)"],
      ["off", OPEN_MPI, "one process: --mpi off"],
    ] as const) {
      const opened = await openCommunicator(mpi, environment);
      expect(opened.comm.size).toBe(1);
      expect(opened.why).toBe(why);
    }
  });
});

describe("threads of a rank that was not told a number", () => {
  const job = launchedJob(OPEN_MPI)!;
  test("an even share of the host where the launcher binds nothing", () => {
    expect(threadLayout(job, { allowed: 16, present: 16 }, {})).toEqual({ threads: 8, warning: null });
  });

  test("what the launcher bound the rank to, or what Slurm gave the task", () => {
    expect(threadLayout(job, { allowed: 6, present: 16 }, {})).toEqual({ threads: 6, warning: null });
    expect(threadLayout(job, { allowed: 16, present: 16 }, { SLURM_CPUS_PER_TASK: "4" }).threads).toBe(4);
  });

  test("a rank that is pinned to one of many processors is warned of, with the remedy", () => {
    const { threads, warning } = threadLayout(job, { allowed: 1, present: 16 }, {});
    expect(threads).toBe(1);
    expect(warning).toBe(
      "mpirun (Open MPI) pins each rank to one of 16 processors. Start it with --bind-to none, or --map-by slot:PE=8.",
    );
  });

  test("a rank a processor on a host that is full is no mistake", () => {
    expect(threadLayout({ ...job, localSize: 16 }, { allowed: 1, present: 16 }, {}).warning).toBeNull();
  });

  test("more threads than processors are allowed are warned of", () => {
    expect(threadLayout(job, { allowed: 2, present: 16 }, { OMP_NUM_THREADS: "8" }).warning).toMatch(
      /8 threads a rank were asked for, and the launcher allows it 2 processors/,
    );
  });
});
