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

  test("a second global look that moves no particle is a round without gain: one local round after it ends the run", () => {
    const local = (movedDeg: number) => record({ stage: "local", movedDeg, shell05: 14 });
    const endAfter = (look: Partial<RoundRecord>) =>
      decide(
        stateAfter(
          [
            record({ shell05: 14 }),
            local(0.9),
            local(0.3),
            record({ isRelook: true, shell05: 14, movedDeg: 0.2, ...look }),
            local(0.2),
          ],
          { relooksDone: 1 },
        ),
        OPTIONS,
      ).finished;
    expect(endAfter({ jumpedShare: 0.001 })).toMatch(/no gain in FSC and poses for 2 rounds/);
    expect(endAfter({ jumpedShare: 0.02 })).toBeNull();
    expect(endAfter({ jumpedShare: 0.001, shell05: 15 })).toBeNull();
  });

  test("poses that move by less than half the clouds' width are no gain", () => {
    const local = (movedDeg: number) => record({ stage: "local", movedDeg });
    expect(roundsWithoutGain([local(2), local(1.2), local(0.7)], true)).toBe(0);
    expect(roundsWithoutGain([local(2), local(0.4), local(0.2)], true)).toBe(2);
  });

  describe("symmetry that is to be relaxed", () => {
    const relaxing = { ...OPTIONS, stages: "local", relooksDone: 1, relaxesSymmetry: true };
    const local = (over: Partial<RoundRecord>) => record({ stage: "local", movedDeg: 0.1, ...over });
    const mates = (changedShare: number) => local({ shell05: 8, mates: { certainty: 0.9, changedShare } });
    const settled = [local({}), local({}), local({})];

    test("is relaxed where the run would have ended, and in its last allowed round no more", () => {
      expect(decide(stateAfter(settled), relaxing)).toMatchObject({ stage: "local", isRelaxed: true, finished: null });
      expect(decide(stateAfter(settled), { ...relaxing, maxRounds: 3 }).finished).toMatch(/max-rounds/);
    });

    test("goes on while fewer and fewer particles change their mate, though the curves start again lower", () => {
      const relaxed = (...shares: number[]) =>
        decide(stateAfter([...settled, ...shares.map(mates)], { isRelaxed: true }), relaxing);
      expect(relaxed(0.75, 0.3)).toMatchObject({ isRelaxed: true, finished: null });
      expect(relaxed(0.75, 0.3, 0.1)).toMatchObject({ isRelaxed: true, finished: null });
      expect(relaxed(0.75, 0.3, 0.1, 0.01)).toMatchObject({ finished: null });
      expect(relaxed(0.75, 0.3, 0.1, 0.01, 0.005).finished).toMatch(/no gain in FSC and poses/);
    });

    test("is not looked at again globally: only mates are searched", () => {
      const global = { ...relaxing, stages: "global,local" };
      const history = [...settled, mates(0.75), mates(0.01), mates(0.01)];
      expect(decide(stateAfter(history, { isRelaxed: true }), global).finished).not.toBeNull();
    });
  });

  test("the last allowed round ends the run, saying so", () => {
    const history = [record({}), record({ shell05: 14 })];
    expect(decide(stateAfter(history), { ...OPTIONS, maxRounds: 2 }).finished).toMatch(/max-rounds/);
  });
});
