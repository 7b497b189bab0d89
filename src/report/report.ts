import { writeFileAtomic } from "../io/node/atomic-write.ts";
import { folderOf, joinPath, makeFolder } from "../io/node/folders.ts";
import { completeOptions } from "../options/complete-options.ts";
import { type ReportInput, reportTable } from "../options/report-options.ts";
import { collectRun } from "./collect-run.ts";
import { mapPictures } from "./map-pictures.ts";
import { reportPage } from "./page.ts";
import { findRunFiles } from "./run-files.ts";
import type { RunNumbers } from "./run-numbers.ts";

export interface ReportResult {
  /** The page, one file that needs no network. */
  readonly page: string;
  /** The same numbers as JSON. */
  readonly numbers: string;
  readonly record: RunNumbers;
}

/** Writes the report of a run, finished or under way. */
export async function report(input: ReportInput): Promise<ReportResult> {
  const options = completeOptions("report", reportTable, input);
  const files = findRunFiles(options.folder);
  const record = collectRun(files);
  const page = options.out ?? joinPath(options.folder, "report.html");
  const numbers = `${page.replace(/\.html?$/i, "")}.json`;
  makeFolder(folderOf(page));
  writeFileAtomic(page, reportPage(record, mapPictures(files.maps)));
  writeFileAtomic(numbers, `${JSON.stringify(record, null, 1)}\n`);
  return { page, numbers, record };
}
