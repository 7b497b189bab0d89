import { defineConfig } from "vitest/config";

// The slow tests: whole refinements whose result is the assertion. One file at a time, so that each has every core.
export default defineConfig({
  test: {
    include: ["test/science/**/*.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 600_000,
  },
});
