/**
 * Errors that say where, what was expected, what came, and what to do.
 *
 * The class and `fields` are for machines, the message for people. `src/cli/` maps classes to exit
 * codes: UsageError is 2, everything else 1.
 */
export type ErrorFields = Readonly<Record<string, unknown>>;

/** Base of every error that Vitreous throws on purpose. */
export abstract class VitreousError extends Error {
  /** Stable identifier of the class, e.g. for the JSON-lines log. */
  abstract readonly code: string;
  readonly fields: ErrorFields;

  constructor(message: string, fields: ErrorFields = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.fields = fields;
    this.name = new.target.name;
  }
}

/** The content of a file is wrong: truncated, missing columns, contradictory, not finite. */
export class DataError extends VitreousError {
  readonly code = "data";
}

/** A call or an option is wrong: unknown flag, value outside its range. */
export class UsageError extends VitreousError {
  readonly code = "usage";
}

/** Disk, memory, permission or device: the machine cannot do what was asked. */
export class ResourceError extends VitreousError {
  readonly code = "resource";
}

/** The caller's AbortSignal fired, or the process was told to stop. */
export class AbortedError extends VitreousError {
  readonly code = "aborted";
}

export interface ShapeFields {
  readonly expected: readonly number[] | number | string;
  readonly actual: readonly number[] | number | string;
  /** One sentence: what to pass instead. */
  readonly remedy?: string;
}

/** An array has the wrong length or shape. */
export class ShapeError extends VitreousError {
  readonly code = "shape";

  constructor(where: string, shape: ShapeFields) {
    const remedy = shape.remedy === undefined ? "" : ` ${shape.remedy}`;
    super(`${where}: expected ${showShape(shape.expected)}, got ${showShape(shape.actual)}.${remedy}`, {
      where,
      ...shape,
    });
  }
}

function showShape(shape: readonly number[] | number | string): string {
  return typeof shape === "object" ? `[${shape.join(", ")}]` : String(shape);
}

/** Text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Throws AbortedError when the signal has fired; `doing` names what was interrupted. */
export function throwIfAborted(signal: AbortSignal | undefined, doing: string): void {
  if (signal?.aborted) {
    throw new AbortedError(`${doing}: stopped on request.`, { doing }, signal.reason);
  }
}
