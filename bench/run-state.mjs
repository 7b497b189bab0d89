// What a run's folder says about where the run was: used to aim kills and to check where they fell.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Files that hold times, and so are those of one run: the same list as in the tests. */
const OF_THIS_RUN = ["events.jsonl", "run.json", "report.html", "report.json"];

/** Events written so far; a line that is still being written is left out. */
export function eventsOf(folder) {
  const path = join(folder, "events.jsonl");
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

export function temporaryFiles(folder) {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".tmp")) : [];
}

/** Where a killed run was: "start", "E", "M", "checkpoint" (a state or manifest not yet renamed), "outputs", "final", "done". */
export function phaseOf(folder) {
  if (temporaryFiles(join(folder, "checkpoint")).length > 0) return "checkpoint";
  const names = ["round.start", "maximization.start", "round.done", "checkpoint.saved", "stage.change", "run.done"];
  const last = eventsOf(folder).findLast(({ event }) => names.includes(event) || event.startsWith("expectation"));
  if (last === undefined) return "start";
  if (last.event === "round.start" || last.event.startsWith("expectation")) return "E";
  if (last.event === "maximization.start") return "M";
  if (last.event === "round.done" || last.event === "stage.change") return "outputs";
  return last.event === "run.done" ? "done" : "final";
}

/** Every file of a run that its particles and options decide: all but the log of events and the record of machine and time. */
export function resultFiles(folder) {
  const names = readdirSync(folder).filter((name) => !OF_THIS_RUN.includes(name));
  return new Map(
    names
      .filter((name) => statSync(join(folder, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(join(folder, name))]),
  );
}

/** Names of files that differ in a byte, or that only one of the runs has. */
export function differingFiles(a, b) {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].filter((name) => !a.has(name) || !b.has(name) || !a.get(name).equals(b.get(name))).sort();
}
