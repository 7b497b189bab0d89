import { expect, test } from "vitest";
import { lineChart } from "../../src/plan/line-chart.ts";

const options = { title: "a < b", xLabel: "nodes", yLabel: "s", isLogX: true, isLogY: true };

test("a curve of slope one is a straight line on logarithmic axes, and text is escaped", () => {
  const svg = lineChart(
    [
      {
        label: "ideal & true",
        points: [
          [1, 8],
          [2, 4],
          [4, 2],
          [8, 1],
        ],
      },
    ],
    options,
  );
  expect(svg).toContain("a &lt; b");
  expect(svg).toContain("ideal &amp; true");
  const points = /<polyline points="([^"]+)"/
    .exec(svg)![1]!
    .split(" ")
    .map((p) => p.split(",").map(Number));
  const steps = points.slice(1).map(([x, y], i) => [x! - points[i]![0]!, y! - points[i]![1]!]);
  for (const [dx, dy] of steps) {
    expect(dx).toBeCloseTo(steps[0]![0]!, 0);
    expect(dy).toBeCloseTo(steps[0]![1]!, 0);
  }
});

test("the ends of an axis are ticks, and whole numbers are written out", () => {
  const svg = lineChart(
    [
      {
        label: "x",
        points: [
          [256, 1],
          [4096, 3],
        ],
      },
    ],
    { ...options, isLogY: false },
  );
  for (const tick of [">256<", ">4096<", ">0<", ">3<"]) expect(svg).toContain(tick);
});

test("what was measured is dots without a line; what is not finite is left out", () => {
  const svg = lineChart(
    [
      {
        label: "runs",
        points: [
          [1, 1],
          [2, Number.NaN],
          [4, 2],
        ],
        isMeasured: true,
      },
    ],
    options,
  );
  expect(svg).not.toContain("<polyline");
  expect(svg.match(/<circle/g)).toHaveLength(3);
});
