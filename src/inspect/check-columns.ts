import type { ProblemGroups, ProblemKind } from "./problem-groups.ts";
import type { SetColumns } from "./set-columns.ts";

const error = (code: string, what: string, remedy: string): ProblemKind => ({ code, severity: "error", what, remedy });
const warning = (code: string, what: string, remedy: string): ProblemKind => ({
  code,
  severity: "warning",
  what,
  remedy,
});

/** Å. Single-particle data lie well inside. */
const LEAST_DEFOCUS_A = 1_000;
const MOST_DEFOCUS_A = 60_000;
/** Å between U and V. */
const MOST_ASTIGMATISM_A = 3_000;

const CTF_COLUMNS = ["rlnDefocusU", "rlnDefocusV", "rlnDefocusAngle"] as const;
const POSE_COLUMNS = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"] as const;

/** Voltage, aberration, contrast, pixel size and box of the groups in use. */
export function checkOptics(set: SetColumns, needsCtf: boolean, found: ProblemGroups): void {
  const used = new Int32Array(set.optics.length);
  for (const index of set.opticsOf) if (index >= 0) used[index]!++;
  const kind = error(
    "optics-value",
    "an optics value is missing or outside its range",
    "Correct it: voltage in kV, Cs in mm, contrast 0 to 1, pixel size in Å.",
  );
  const inUse = set.optics.filter((_, i) => used[i]! > 0);
  const expectValue = (isGood: boolean, text: () => string): void => {
    if (!isGood) found.add(kind, text);
  };
  for (const group of inUse) {
    const { place, name, pixelSizeA, voltageKv, sphericalAberrationMm, amplitudeContrast } = group;
    const say =
      (label: string, got: number | undefined): (() => string) =>
      () =>
        `${place}: ${name}: ${label} ${got === undefined ? "is not stated" : `is ${got}`}.`;
    expectValue(pixelSizeA !== undefined && pixelSizeA > 0 && pixelSizeA < 100, say("pixel size", pixelSizeA));
    if (!needsCtf) continue;
    expectValue(voltageKv !== undefined && voltageKv >= 20 && voltageKv <= 2000, say("rlnVoltage", voltageKv));
    expectValue(
      sphericalAberrationMm !== undefined && sphericalAberrationMm >= 0 && sphericalAberrationMm < 100,
      say("rlnSphericalAberration", sphericalAberrationMm),
    );
    expectValue(
      amplitudeContrast !== undefined && amplitudeContrast >= 0 && amplitudeContrast <= 1,
      say("rlnAmplitudeContrast", amplitudeContrast),
    );
    if (amplitudeContrast !== undefined && amplitudeContrast > 0.2 && amplitudeContrast <= 1) {
      found.add(
        warning(
          "amplitude-contrast",
          "an amplitude contrast above 0.2 is unusual for cryo-EM",
          "Check it: 0.07 to 0.1 is usual.",
        ),
        say("rlnAmplitudeContrast", amplitudeContrast),
      );
    }
  }
}

/** Defocus and phase shift of every row. */
export function checkCtf(set: SetColumns, needsCtf: boolean, found: ProblemGroups): void {
  const missing = CTF_COLUMNS.filter((label) => !set.has(label));
  if (missing.length > 0) {
    if (!needsCtf) return;
    found.add(
      error(
        "ctf-missing",
        "the CTF columns are not complete",
        "Run a CTF estimation, or give --without-ctf if the images have none.",
      ),
      () => `${set.where}: no ${missing.join(", ")}.`,
    );
  }
  checkFinite(set, [...CTF_COLUMNS, "rlnPhaseShift"], found);
  const u = set.numbers("rlnDefocusU");
  const v = set.numbers("rlnDefocusV");
  if (u === undefined || v === undefined) return;
  const kinds = {
    unit: error(
      "defocus-unit",
      "a defocus below 100 Å looks like a value in µm",
      "Multiply by 10,000: rlnDefocusU is in Å, underfocus positive.",
    ),
    over: warning("overfocus", "a defocus is negative (overfocus)", "Check its sign: underfocus is positive."),
    low: warning("defocus-low", `a defocus is below ${LEAST_DEFOCUS_A} Å`, "Check the CTF fit of these micrographs."),
    high: warning(
      "defocus-high",
      `a defocus is above ${MOST_DEFOCUS_A} Å`,
      "Check the CTF fit of these micrographs, or leave them out (vitreous select --defocus).",
    ),
    astigmatism: warning(
      "astigmatism",
      `U and V differ by more than ${MOST_ASTIGMATISM_A} Å`,
      "Check the CTF fit of these micrographs.",
    ),
  };
  for (let row = 0; row < set.count; row++) {
    const mean = (u[row]! + v[row]!) / 2;
    const say = (): string => `${set.placeOf(row)}: U ${u[row]}, V ${v[row]} Å.`;
    if (mean > 0 && mean < 100) found.add(kinds.unit, say);
    else if (mean < 0) found.add(kinds.over, say);
    else if (mean < LEAST_DEFOCUS_A) found.add(kinds.low, say);
    else if (mean > MOST_DEFOCUS_A) found.add(kinds.high, say);
    if (Math.abs(u[row]! - v[row]!) > MOST_ASTIGMATISM_A) found.add(kinds.astigmatism, say);
  }
}

/** Angles and origins, where there are any. */
export function checkPoses(set: SetColumns, found: ProblemGroups): void {
  const given = POSE_COLUMNS.filter((label) => set.has(label));
  if (given.length > 0 && given.length < POSE_COLUMNS.length) {
    found.add(
      warning(
        "poses-partial",
        "only some of the three Euler angles are there",
        "They are ignored: a search starts everywhere. Add the missing column to keep the poses.",
      ),
      () => `${set.where}: has ${given.join(", ")} only.`,
    );
  }
  const inA = set.has("rlnOriginXAngst");
  const [xLabel, yLabel] = inA ? ["rlnOriginXAngst", "rlnOriginYAngst"] : ["rlnOriginX", "rlnOriginY"];
  checkFinite(set, [...POSE_COLUMNS, xLabel!, yLabel!], found);
  const x = set.numbers(xLabel!);
  const y = set.numbers(yLabel!);
  if (x === undefined || y === undefined) return;
  const kind = warning(
    "shift-large",
    "a particle lies more than a quarter of the box from its centre",
    "Extract it again at its refined position (re-centre), or leave it out.",
  );
  for (let row = 0; row < set.count; row++) {
    const group = set.optics[set.opticsOf[row]!];
    const boxPx = group?.boxPx ?? 0;
    const unit = inA ? (group?.pixelSizeA ?? 0) : 1;
    if (boxPx > 0 && unit > 0 && Math.hypot(x[row]!, y[row]!) > (boxPx * unit) / 4) {
      found.add(
        kind,
        () => `${set.placeOf(row)}: origin ${x[row]}, ${y[row]} ${inA ? "Å" : "px"} in a box of ${boxPx} px.`,
      );
    }
  }
}

function checkFinite(set: SetColumns, labels: readonly string[], found: ProblemGroups): void {
  for (const label of labels) {
    const values = set.numbers(label);
    if (values === undefined) continue;
    for (let row = 0; row < values.length; row++) {
      // True for NaN and both infinities.
      if (values[row]! - values[row]! === 0) continue;
      found.add(
        error(
          `not-finite ${label}`,
          `${label} is not a finite number`,
          "Remove these rows, or repeat the job that wrote them.",
        ),
        () => `${set.placeOf(row)}: ${values[row]}.`,
      );
    }
  }
}

/** rlnRandomSubset: both halves there, nobody without one. */
export function checkHalfSets(set: SetColumns, found: ProblemGroups): void {
  const values = set.numbers("rlnRandomSubset");
  if (values === undefined) return;
  const counts = [0, 0, 0];
  let firstOdd = -1;
  for (let row = 0; row < values.length; row++) {
    const half = values[row]!;
    if (half === 0 || half === 1 || half === 2) counts[half]!++;
    else if (firstOdd < 0) firstOdd = row;
  }
  const [none, one, two] = counts as [number, number, number];
  const remedy = "Remove the column: half-sets are then drawn from the image names.";
  if (firstOdd >= 0) {
    found.add(
      error("half-set-value", "rlnRandomSubset is neither 1 nor 2", remedy),
      () => `${set.placeOf(firstOdd)}: ${values[firstOdd]}.`,
    );
  }
  if (one + two === 0) return;
  if (none > 0) {
    found.add(
      error("half-set-missing", "some particles have no half-set while others have one", remedy),
      () => `${set.where}: ${none} of ${set.count} are 0.`,
      none,
    );
  }
  if (one === 0 || two === 0) {
    found.add(
      error("half-set-one-sided", "all particles lie in one half-set", remedy),
      () => `${set.where}: ${one} and ${two} particles.`,
    );
  } else if (Math.min(one, two) < 0.4 * (one + two)) {
    found.add(
      warning(
        "half-set-unequal",
        "the half-sets differ much in size",
        "The smaller half limits the resolution; remove the column to draw them again.",
      ),
      () => `${set.where}: ${one} and ${two} particles.`,
    );
  }
}
