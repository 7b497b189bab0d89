import { ResourceError } from "../../core/errors.ts";

export async function resumeVerb(_options: unknown, _context: unknown): Promise<void> {
  throw new ResourceError("resume: not connected yet.");
}
