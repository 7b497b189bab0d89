import { expect, test } from "vitest";
import { expectInteger, expectLength, expectOneOf, expectPositive, expectRange } from "../../src/core/checks.ts";
import { AbortedError, DataError, ShapeError, throwIfAborted, UsageError } from "../../src/core/errors.ts";
import { MemoryLog, teeLog } from "../../src/core/events.ts";
import { ProblemList } from "../../src/core/problems.ts";

function thrownBy(run: () => unknown): Error & { fields?: Record<string, unknown> } {
  try {
    run();
  } catch (thrown) {
    return thrown as Error;
  }
  throw new Error("nothing was thrown");
}

test("a wrong argument is named with what was expected and what came", () => {
  expect(thrownBy(() => expectPositive("pixelSizeA", Number.NaN)).message).toBe(
    "pixelSizeA: expected a number above 0, got NaN.",
  );
  expect(thrownBy(() => expectInteger("threads", 1.5, 1, 64)).message).toBe(
    "threads: expected an integer from 1 to 64, got 1.5.",
  );
  expect(thrownBy(() => expectRange("fraction", 2, 0, 1))).toBeInstanceOf(UsageError);
  expect(thrownBy(() => expectOneOf("mode", "x", ["a", "b"])).message).toContain("one of a, b");
  expect(thrownBy(() => expectLength("image", new Float32Array(3), 4))).toBeInstanceOf(ShapeError);
});

test("a shape error shows both shapes and the remedy", () => {
  const error = new ShapeError("project: reference", {
    expected: [4, 4, 3],
    actual: [4, 4, 4],
    remedy: "Pass the FFT.",
  });
  expect(error.message).toBe("project: reference: expected [4, 4, 3], got [4, 4, 4]. Pass the FFT.");
  expect(error.fields).toMatchObject({ expected: [4, 4, 3], actual: [4, 4, 4] });
  expect(error.name).toBe("ShapeError");
});

test("a million problems of one file are ten sentences and a count", () => {
  const problems = new ProblemList("particles.star");
  problems.throwIfAny();
  let described = 0;
  for (let i = 0; i < 1_000_000; i++) {
    problems.add(() => {
      described++;
      return `row ${i}`;
    });
  }
  const error = thrownBy(() => problems.throwIfAny());
  expect(error).toBeInstanceOf(DataError);
  expect(error.message).toContain("particles.star: 1000000 problems:");
  expect(error.message).toContain("and 999990 more");
  expect(described).toBe(10);
});

test("an aborted signal stops with its reason as the cause", () => {
  const controller = new AbortController();
  throwIfAborted(controller.signal, "refine");
  controller.abort("Ctrl-C");
  const error = thrownBy(() => throwIfAborted(controller.signal, "refine"));
  expect(error).toBeInstanceOf(AbortedError);
  expect(error.cause).toBe("Ctrl-C");
});

test("events reach every listener in order", () => {
  const [first, second] = [new MemoryLog(), new MemoryLog()];
  const log = teeLog(first, second);
  log.event("round.done", { round: 1 });
  log.event("run.done", {});
  expect(first.events).toEqual(second.events);
  expect(second.named("round.done")).toEqual([{ name: "round.done", fields: { round: 1 } }]);
});
