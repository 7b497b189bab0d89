import { ResourceError } from "../../core/errors.ts";

export async function refineVerb(_options: unknown, _context: unknown): Promise<void> {
  throw new ResourceError("refine: not connected yet.");
}
