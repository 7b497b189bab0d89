import { ShapeError, UsageError } from "../core/errors.ts";

const HIGHEST_TAG = 32767;

/** Checks at the door of a communicator: the same words whichever implementation stands behind it. */
export function argumentChecks(rank: number, size: number) {
  const expectRank = (call: string, name: string, value: number) => {
    if (Number.isInteger(value) && value >= 0 && value < size) return;
    throw new UsageError(`communicator, ${call}: ${name}: expected a rank from 0 to ${size - 1}, got ${value}.`);
  };
  const expectCounts = (call: string, counts: readonly number[], total: number) => {
    if (counts.length !== size) {
      throw new ShapeError(`communicator, ${call}: counts`, { expected: `${size}, one a rank`, actual: counts.length });
    }
    for (const count of counts) {
      if (!(Number.isSafeInteger(count) && count >= 0))
        throw new UsageError(`communicator, ${call}: counts: expected whole numbers of at least 0, got ${count}.`);
    }
    const sum = counts.reduce((a, b) => a + b, 0);
    if (sum !== total)
      throw new ShapeError(`communicator, ${call}: counts`, { expected: `a sum of ${total}`, actual: sum });
  };
  const expectOwn = (call: string, counts: readonly number[], length: number) => {
    if (length === counts[rank]) return;
    throw new ShapeError(`communicator, ${call}: own part`, { expected: counts[rank]!, actual: length });
  };
  return {
    point(call: string, name: string, value: number, tag: number) {
      expectRank(call, name, value);
      if (Number.isInteger(tag) && tag >= 0 && tag <= HIGHEST_TAG) return;
      throw new UsageError(`communicator, ${call}: tag: expected a whole number up to ${HIGHEST_TAG}, got ${tag}.`);
    },
    root: (call: string, root: number) => expectRank(call, "root", root),
    counts: expectCounts,
    parts(call: string, counts: readonly number[], total: number, own: number) {
      expectCounts(call, counts, total);
      expectOwn(call, counts, own);
    },
  };
}
