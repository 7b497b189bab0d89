import { localCommunicator } from "./local.ts";
import type { Communicator } from "./types.ts";

/** The communicator of this process. One process is all there is here; a launcher's ranks come with their own implementation. */
export async function openCommunicator(): Promise<Communicator> {
  return localCommunicator;
}
