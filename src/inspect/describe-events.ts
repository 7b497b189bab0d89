import { type Description, fact } from "./description.ts";
import { counted, shortNumber } from "./words.ts";

/** events.jsonl: what a run said while it ran, one JSON object a line. */
export function describeEvents(text: string, path: string): Description {
  const events: Record<string, unknown>[] = [];
  let brokenCount = 0;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    try {
      events.push(JSON.parse(line));
    } catch {
      // Counted and told below: the last line of a killed run may be half.
      brokenCount++;
    }
  }
  const named = (name: string) => events.filter((event) => event["event"] === name);
  const rounds = named("round.done");
  const done = named("run.done").at(-1);
  const last = rounds.at(-1);
  const [first, end] = [events[0]?.["time"], events.at(-1)?.["time"]].map((time) => Date.parse(String(time)));
  const hours = first !== undefined && end !== undefined ? (end - first) / 3.6e6 : Number.NaN;
  const warnings = named("warning");
  return {
    path,
    kind: "events",
    summary: `the log of a Vitreous run: ${counted(events.length, "event")}, ${counted(rounds.length, "round")}, ${done ? "finished" : "not finished"}`,
    facts: [
      fact("from", String(events[0]?.["time"] ?? "?")),
      fact(
        "to",
        `${String(events.at(-1)?.["time"] ?? "?")}${Number.isFinite(hours) ? ` (${shortNumber(hours)} h)` : ""}`,
      ),
      ...(last
        ? [
            fact(
              "last round",
              `${String(last["round"])}: ${shortNumber(Number(last["resolution0143A"]))} Å (unmasked, FSC 0.143)`,
            ),
          ]
        : []),
      ...(done ? [fact("result", `${shortNumber(Number(done["resolutionA"]))} Å: ${String(done["reason"])}`)] : []),
      ...(warnings.length > 0 ? [fact("warnings", String(warnings.length))] : []),
    ],
    notes: [
      ...warnings.slice(0, 5).map((event) => `warning in the log: ${String(event["message"])}`),
      ...(brokenCount > 0
        ? [`${counted(brokenCount, "line")} cannot be read: the run was killed while it wrote, or the file is damaged.`]
        : []),
    ],
  };
}
