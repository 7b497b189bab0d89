#!/usr/bin/env node
import { leaveJob } from "./parallel-job.ts";
import { runCli } from "./run-cli.ts";
import { processTerminal } from "./terminal.ts";

// A reader that closed the pipe early (vitreous --help | head) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

// A terminal that went away ends no run: what would be said is in the log of events too.
process.stderr.on("error", () => {});

// Whatever ends one rank of a job ends the job: the others would wait for it.
process.on("uncaughtException", (error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  void leaveJob(1).finally(() => process.exit(1));
});

process.exitCode = await runCli(process.argv.slice(2), processTerminal());
