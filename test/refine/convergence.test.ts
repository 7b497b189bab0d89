import { describe, expect, test } from "vitest";
import { decide, roundsWithoutGain } from "../../src/refine/convergence.ts";
import { nextRadius } from "../../src/refine/schedule.ts";
import type { RefinementState, RoundRecord } from "../../src/refine/state.ts";

const OPTIONS = { stages: "global,local", maxRounds: 40, relookRounds: 1, scanStepDeg: 10 };

function record(over: Partial<RoundRecord>): RoundRecord {
  return {
    round: 1,
    stage: "global",
    isRelook: false,
    radiusShell: 20,
    insertedShell: 32,
    shell05: 10,
    shell0143: 15,
    movedDeg: 5,
    shiftMovedA: 1,
    jumpedShare: 0.5,
    meanEss: 100,
    meanRotationSdDeg: 1,
    meanShiftSdPx: 0.1,
    goodShare: 1,
    failedCount: 0,
    elapsedMs: 1,
    ...over,
  };
}

function stateAfter(history: RoundRecord[], over: Partial<RefinementState> = {}): RefinementState {
  const last = history[history.length - 1]!;
  return {
    round: history.length,
    stage: last.stage,
    radiusShell: 20,
    relooksDone: 0,
    history,
    ...over,
  } as RefinementState;
}

describe("the schedule of rounds", () => {
  test("the radius grows past both crossings of the FSC, within the box", () => {
    expect(nextRadius(12, 14, 32)).toBe(22);
    expect(nextRadius(5, 20, 32)).toBe(25);
    expect(nextRadius(25, 30, 32)).toBe(32);
  });

  test("a global search that still gains goes on", () => {
    expect(decide(stateAfter([record({}), record({ shell05: 14 })]), OPTIONS)).toMatchObject({
      stage: "global",
      finished: null,
    });
  });

  test("two global rounds without a gain lead to local search, never to the end", () => {
    const history = [record({}), record({}), record({})];
    expect(decide(stateAfter(history), OPTIONS)).toMatchObject({ stage: "local", finished: null });
  });

  test("few jumps lead to local search", () => {
    const history = [record({}), record({ shell05: 14, jumpedShare: 0.01 })];
    expect(decide(stateAfter(history), OPTIONS)).toMatchObject({ stage: "local", finished: null });
  });

  test("wide clouds of a coarse round do not lead to local search while the radius still jumps", () => {
    const first = record({ radiusShell: 5, meanRotationSdDeg: 12 });
    expect(decide(stateAfter([first], { radiusShell: 25 }), OPTIONS).stage).toBe("global");
    expect(decide(stateAfter([first], { radiusShell: 6 }), OPTIONS).stage).toBe("local");
  });

  test("a local search that stalls looks again globally once, then ends after two rounds without gain", () => {
    const local = (movedDeg: number) => record({ stage: "local", movedDeg, shell05: 14 });
    const stalled = [record({ shell05: 14 }), local(0.9), local(0.3)];
    expect(decide(stateAfter(stalled), OPTIONS)).toMatchObject({ stage: "global", isRelook: true });
    const relooked = [...stalled, record({ isRelook: true, shell05: 14 })];
    expect(decide(stateAfter(relooked), OPTIONS)).toMatchObject({ stage: "local", isRelook: false });
    const done = [...relooked, local(0.3), local(0.2)];
    expect(decide(stateAfter(done, { relooksDone: 1 }), OPTIONS).finished).toMatch(/no gain in FSC and poses/);
  });

  test("poses that move by less than half the clouds' width are no gain", () => {
    const local = (movedDeg: number) => record({ stage: "local", movedDeg });
    expect(roundsWithoutGain([local(2), local(1.2), local(0.7)], true)).toBe(0);
    expect(roundsWithoutGain([local(2), local(0.4), local(0.2)], true)).toBe(2);
  });

  test("the last allowed round ends the run, saying so", () => {
    const history = [record({}), record({ shell05: 14 })];
    expect(decide(stateAfter(history), { ...OPTIONS, maxRounds: 2 }).finished).toMatch(/max-rounds/);
  });
});
