// Preloaded (node --import) into a program under test: leaves what it used in the file that BENCH_USAGE names.
import { writeFileSync } from "node:fs";

const path = process.env.BENCH_USAGE;
if (path) {
  const start = performance.now();
  process.on("exit", (code) => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const usage = {
      wallS: (performance.now() - start) / 1000,
      processorS: (userCPUTime + systemCPUTime) / 1e6,
      peakMB: (maxRSS * 1024) / 1e6,
      code,
    };
    writeFileSync(path, JSON.stringify(usage));
  });
}
