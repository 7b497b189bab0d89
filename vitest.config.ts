import { defineConfig } from "vitest/config";

// Forks, not worker threads: each test file then has its own copy of the addon and its own OpenMP team.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/science/**", "test/lint/fixtures/**"],
    setupFiles: ["test/support/property-seed.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
