import { choiceOption, commandOption, integerOption, optionalPath, switchOption } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";

/** Options of `submit`. */
export const submitTable = {
  command: commandOption({
    flag: "command",
    valueName: "refine …",
    group: "input",
    help: "The verb to run in the job, with its options, after a lone --",
  }),
  scheduler: choiceOption({
    flag: "scheduler",
    choices: ["slurm"],
    default: "slurm",
    help: "Whose job script is written",
  }),
  submit: switchOption({
    flag: "submit",
    help: "Also hand the script to the scheduler (sbatch); without it the script is only written",
  }),
  script: optionalPath({
    flag: "script",
    valueName: "file",
    group: "input",
    help: "Job script to write; none is the job's name with .sh",
  }),
  name: optionalPath({
    flag: "name",
    valueName: "name",
    help: "Name of the job; none is vitreous- and the name of the run's folder",
  }),
  queue: optionalPath({
    flag: "queue",
    valueName: "partition",
    help: "Partition or queue; none is the scheduler's default",
  }),
  rankCount: integerOption({
    flag: "ranks",
    unit: "count",
    default: 1,
    min: 1,
    max: 65_536,
    aliases: ["nr_mpi"],
    help: "Processes: nodes, sockets or GPUs, not cores",
  }),
  threads: integerOption({
    flag: "threads",
    unit: "count",
    default: 1,
    min: 1,
    max: 4096,
    aliases: ["j"],
    help: "Cores of each rank; the run takes what the scheduler gave",
  }),
  nodeCount: integerOption({
    flag: "nodes",
    unit: "count",
    default: 0,
    min: 0,
    max: 65_536,
    help: "Nodes; 0 is one for each rank",
  }),
  timeLimit: optionalPath({
    flag: "time",
    valueName: "limit",
    help: "Time limit as the scheduler writes it (90, 4:00:00, 2-12); none is the queue's",
  }),
  graceSeconds: integerOption({
    flag: "grace",
    unit: "s",
    default: 120,
    min: 5,
    max: 65_535,
    help: "How long before the limit the run is told to save its checkpoint and is put back in the queue",
  }),
  template: optionalPath({
    flag: "template",
    valueName: "file",
    group: "advanced",
    help: "Script to fill in, with RELION's variables (XXXcommandXXX, XXXqueueXXX, XXXmpinodesXXX, XXXthreadsXXX …); none is the built-in one",
  }),
  launcher: choiceOption({
    flag: "launcher",
    choices: ["auto", "mpirun", "srun", "none"],
    default: "auto",
    group: "advanced",
    help: "What starts the ranks; auto is mpirun for more than one",
  }),
  extra1: optionalPath({
    flag: "extra1",
    valueName: "text",
    group: "advanced",
    help: "What XXXextra1XXX of a template stands for; none leaves the directive out",
  }),
  extra2: optionalPath({
    flag: "extra2",
    valueName: "text",
    group: "advanced",
    help: "What XXXextra2XXX of a template stands for; none leaves the directive out",
  }),
  program: optionalPath({
    flag: "program",
    valueName: "path",
    group: "advanced",
    help: "The vitreous command on the nodes; none is the one that is running now",
  }),
} as const;

export type SubmitOptions = OptionValues<typeof submitTable>;
export type SubmitInput = OptionInput<typeof submitTable>;
