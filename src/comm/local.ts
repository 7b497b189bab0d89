import type { Communicator } from "./types.ts";

/** The communicator of one process: every collective is the identity. */
export const localCommunicator: Communicator = {
  rank: 0,
  size: 1,
  async allReduceSum() {},
  async allReduceSumFixed() {},
  async broadcast() {},
  async barrier() {},
};
