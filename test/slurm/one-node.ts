import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

/** A Slurm to test against: the one that is running, or one of our own on this machine. */
export interface Slurm {
  readonly environment: NodeJS.ProcessEnv;
  stop(): void;
}

/** Null with a reason where there is none and none can be started. */
export function openSlurm(): Slurm | string {
  if (spawnSync("sinfo", ["--noheader"]).status === 0) return { environment: process.env, stop: () => {} };
  if (process.getuid?.() !== 0) return "no Slurm is running, and only root can start one";
  for (const program of ["slurmctld", "slurmd", "munged"]) {
    if (spawnSync("which", [program]).status !== 0)
      return `${program} is not installed (apt-get install slurm-wlm munge)`;
  }
  return startSlurm();
}

/** Debian's slurm-wlm with this machine as its only node. munged is left running: it does no harm and may be others'. */
function startSlurm(): Slurm | string {
  const folder = mkdtempSync(join(tmpdir(), "vitreous-slurm-"));
  const host = hostname().split(".")[0];
  for (const name of ["state", "spool"]) mkdirSync(join(folder, name));
  const file = join(folder, "slurm.conf");
  writeFileSync(
    file,
    `ClusterName=vitreous
SlurmctldHost=${host}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
SlurmctldPort=17817
SlurmdPort=17818
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SchedulerParameters=sched_interval=1,bf_interval=2
ReturnToService=2
NodeName=${host} CPUs=${Math.max(2, Number(spawnSync("nproc", { encoding: "utf8" }).stdout))} State=UNKNOWN
PartitionName=local Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`,
  );
  const environment = { ...process.env, SLURM_CONF: file };
  const run = (program: string, ...words: string[]) =>
    spawnSync(program, words, { env: environment, encoding: "utf8" });
  if (run("munge", "-n").status !== 0) {
    mkdirSync("/run/munge", { recursive: true });
    run("chown", "munge", "/run/munge");
    run("runuser", "-u", "munge", "--", "munged");
  }
  run("slurmctld");
  run("slurmd");
  const stop = () => {
    for (const name of ["slurmd", "slurmctld"]) {
      try {
        const pid = Number(readFileSync(join(folder, `${name}.pid`), "utf8"));
        process.kill(pid);
        // The daemons write their state while they end.
        for (let attempt = 0; attempt < 60 && process.kill(pid, 0); attempt++) run("sleep", "0.5");
      } catch {
        // It did not start, or has ended.
      }
    }
    rmSync(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < 60; attempt++) {
    if (/\bidle\b/.test(run("sinfo", "--noheader").stdout ?? "")) return { environment, stop };
    run("sleep", "0.5");
  }
  stop();
  return "Slurm was started and its node did not come up within 30 s";
}
