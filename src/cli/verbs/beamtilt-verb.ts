import type { BeamtiltOptions } from "../../options/beamtilt-options.ts";
import { beamtilt } from "../../refine/beamtilt.ts";
import type { VerbContext } from "./verb-context.ts";

export async function beamtiltVerb(options: BeamtiltOptions, { terminal, signal, log }: VerbContext): Promise<void> {
  const result = await beamtilt(options, { signal, log });
  for (const tilt of result.groups) {
    const axis = (value: number, error: number) => `${value.toFixed(3)} ± ${error.toFixed(3)}`;
    const found = `x ${axis(tilt.xMrad, tilt.xErrorMrad)}, y ${axis(tilt.yMrad, tilt.yErrorMrad)} mrad`;
    const before = `(was ${tilt.beforeXMrad.toFixed(3)}, ${tilt.beforeYMrad.toFixed(3)})`;
    terminal.writeResult(`beam tilt  ${tilt.group}: ${found} ${before}\n`);
  }
  terminal.writeResult(`particles  ${result.particles}\n`);
}
