// One rank of a test job: runs the cases of the compiled suite named by argv[2]; rank 0 prints one line of JSON per case.
// argv[3]: settings of openMpi, as JSON.
import { pathToFileURL } from "node:url";
import { openMpi } from "../../dist/comm/mpi.js";

const { communicatorSuite } = await import(pathToFileURL(process.argv[2]).href);
const comm = await openMpi(JSON.parse(process.argv[3] ?? "{}"));
for (const { title, run } of communicatorSuite) {
  const failed = new Float64Array(comm.size);
  let message = "";
  try {
    await run(comm);
  } catch (error) {
    failed[comm.rank] = 1;
    message = `rank ${comm.rank}: ${error.stack}`;
    console.error(message);
  }
  await comm.allReduceSum(failed);
  const ranks = [...failed.keys()].filter((rank) => failed[rank] > 0);
  if (comm.rank === 0) console.log(JSON.stringify({ title, size: comm.size, failedRanks: ranks }));
}
await comm.close();
