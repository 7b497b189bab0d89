type Fields = Readonly<Record<string, unknown>>;

interface ProfiledOp {
  readonly op: string;
  readonly elapsedMs: number;
}

/** Ops with a smaller share of a phase are left to events.jsonl. */
const LEAST_SHOWN = 0.01;

/** One line of text for an event; undefined for those that the terminal leaves to events.jsonl (checkpoint.saved …). */
export function describeEvent(name: string, fields: Fields): string | undefined {
  const describe = descriptions[name];
  return describe?.(fields);
}

const descriptions: Readonly<Record<string, (fields: Fields) => string | undefined>> = {
  "run.start": (f) =>
    joined([
      "run",
      count(f, "particleCount", "particles"),
      unit(f, "boxPx", "px", 0),
      unit(f, "pixelSizeA", "Å/px", 3),
      text(f, "symmetry"),
      text(f, "device"),
    ]),
  "run.resume": (f) => joined(["resuming", labelled(f, "round", "at round"), text(f, "message")]),
  "plan.memory": (f) =>
    joined([
      "memory plan",
      bytes(f, "totalBytes"),
      labelled(f, "batchParticles", "batches of"),
      text(f, "storage"),
      text(f, "message"),
    ]),
  "round.start": (f) =>
    joined([
      `round ${String(f["round"])}`,
      text(f, "stage"),
      unit(f, "resolutionA", "Å in use", 1),
      labelled(f, "radiusShell", "radius"),
      unit(f, "angularStepDeg", "° step", 2),
    ]),
  "round.done": (f) =>
    joined([
      `round ${String(f["round"])} done`,
      text(f, "stage"),
      unit(f, "resolution0143A", "Å (FSC 0.143)", 1),
      unit(f, "resolution05A", "Å (FSC 0.5)", 1),
      prefixed("moved ", unit(f, "movedDeg", "°", 2)),
      unit(f, "shiftMovedA", "Å", 2),
      share(f, "goodShare", "good"),
      typeof f["elapsedMs"] === "number" ? durationText(f["elapsedMs"]) : undefined,
    ]),
  "stage.change": (f) => `stage ${String(f["from"])} → ${String(f["to"])}: ${String(f["reason"] ?? "")}`,
  "symmetry.relaxed": (f) =>
    joined([
      `symmetry ${String(f["from"])} relaxed to ${String(f["to"])}`,
      unit(f, "resolutionA", "Å told the mates apart", 0),
      share(f, "certainty", "certain"),
      unit(f, "evidenceGain", "log evidence gained per held-out particle", 2),
    ]),
  "defocus.estimated": (f) => {
    const widths = f["particleSigmaA"] as readonly (number | undefined)[];
    const shown = widths.map((sigma) => sigma?.toFixed(0) ?? "–").join(" and ");
    return joined([
      prefixed("defocus moved ", unit(f, "movedA", "Å", 0)),
      prefixed("in all ", unit(f, "rmsChangeA", "Å", 0)),
      `particles ± ${shown} Å around their micrographs`,
    ]);
  },
  profile: (f) => {
    const wallMs = f["wallMs"] as number;
    const parts = [...(f["ops"] as readonly ProfiledOp[]), { op: "rest", elapsedMs: f["restMs"] as number }]
      .filter(({ elapsedMs }) => elapsedMs > LEAST_SHOWN * wallMs)
      .map(({ op, elapsedMs }) => `${op} ${((100 * elapsedMs) / wallMs).toFixed(0)} %`);
    return joined([`profile  round ${String(f["round"])}`, text(f, "phase"), durationText(wallMs), parts.join(", ")]);
  },
  "run.done": (f) => joined(["finished", text(f, "reason"), unit(f, "resolutionA", "Å", 2)]),
  note: (f) => `note: ${String(f["message"])}`,
  warning: (f) => `warning: ${String(f["message"])}`,
};

/** "4 s", "3 min 20 s", "2 h 5 min". */
export function durationText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join("  ");
}

function text(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A number with its unit; undefined, null and NaN (not measured) are left out. */
function unit(fields: Fields, key: string, name: string, digits: number): string | undefined {
  const value = fields[key];
  if (typeof value !== "number" || Number.isNaN(value)) return undefined;
  const shown = Number.isFinite(value) ? String(Number(value.toFixed(digits))) : "∞";
  return name.startsWith("°") ? `${shown}${name}` : `${shown} ${name}`;
}

function count(fields: Fields, key: string, name: string): string | undefined {
  const value = fields[key];
  return typeof value === "number" ? `${value} ${name}` : undefined;
}

function labelled(fields: Fields, key: string, label: string): string | undefined {
  const value = fields[key];
  return value === undefined || value === null ? undefined : `${label} ${String(value)}`;
}

function prefixed(prefix: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : prefix + value;
}

function share(fields: Fields, key: string, name: string): string | undefined {
  const value = fields[key];
  return typeof value === "number" ? `${(100 * value).toFixed(1)} % ${name}` : undefined;
}

function bytes(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  return typeof value === "number" ? `${(value / 1e9).toFixed(2)} GB` : undefined;
}
