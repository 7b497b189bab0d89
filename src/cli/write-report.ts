import { messageOf } from "../core/errors.ts";
import type { EventLog } from "../core/events.ts";
import { report } from "../report/report.ts";
import { cliRank } from "./parallel-job.ts";

/** The page of a run that has just ended. The run is done whether or not the page can be made: a failure is a warning. */
export async function writeReport(folder: string, log: EventLog): Promise<string | null> {
  // On several ranks the first writes for all.
  if (!cliRank(process.env).isFirst) return null;
  try {
    return (await report({ folder })).page;
  } catch (thrown) {
    log.event("warning", { message: `the report could not be written: ${messageOf(thrown)}` });
    return null;
  }
}
