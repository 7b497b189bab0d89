/**
 * The TypeScript interface: the verbs of the command line, with the same options, an AbortSignal and events.
 *
 *     const result = await refine({ particles: "particles.star", reference: "init.mrc", out: "run1" }, { signal, log });
 */
export { type SubmitResult, submit } from "./cluster/submit.ts";
export {
  AbortedError,
  DataError,
  ResourceError,
  ShapeError,
  UsageError,
  VitreousError,
} from "./core/errors.ts";
export { type EventLog, type LoggedEvent, MemoryLog, silentLog, teeLog } from "./core/events.ts";
export { type ExpandResult, expand } from "./curate/expand.ts";
export { type SelectResult, select } from "./curate/select.ts";
export type { Description, Fact } from "./inspect/description.ts";
export { inspect } from "./inspect/inspect.ts";
export type { Problem } from "./inspect/problem-groups.ts";
export { type Validation, validate } from "./inspect/validate.ts";
export type { BeamtiltInput } from "./options/beamtilt-options.ts";
export type { BenchInput } from "./options/bench-options.ts";
export type { DefocusInput } from "./options/defocus-options.ts";
export type { ExpandInput } from "./options/expand-options.ts";
export type { FscInput } from "./options/fsc-options.ts";
export type { InspectInput } from "./options/inspect-options.ts";
export type { MaskInput } from "./options/mask-options.ts";
export type { PlanInput } from "./options/plan-options.ts";
export type { PostprocessInput } from "./options/postprocess-options.ts";
export type { ProjectInput } from "./options/project-options.ts";
export type { ReconstructInput } from "./options/reconstruct-options.ts";
export type { RefineInput, RefineOptions } from "./options/refine-options.ts";
export type { ReportInput } from "./options/report-options.ts";
export type { SelectInput } from "./options/select-options.ts";
export type { SimulateInput } from "./options/simulate-options.ts";
export type { SubmitInput } from "./options/submit-options.ts";
export type { SubtractInput } from "./options/subtract-options.ts";
export type { SymmetryInput } from "./options/symmetry-options.ts";
export type { ValidateInput } from "./options/validate-options.ts";
export { type BenchResult, benchScale } from "./plan/bench-scale.ts";
export { type PlanResult, plan } from "./plan/plan.ts";
export { type BeamtiltResult, beamtilt } from "./refine/beamtilt.ts";
export { defocus } from "./refine/defocus.ts";
export type { RefineResult } from "./refine/finish.ts";
export { type ReconstructResult, reconstruct } from "./refine/reconstruct.ts";
export { refine } from "./refine/refine.ts";
export { resume } from "./refine/resume.ts";
export type { RunEnvironment } from "./refine/run-environment.ts";
export { type ReportResult, report } from "./report/report.ts";
export type { RunNumbers } from "./report/run-numbers.ts";
export { type ProjectResult, project } from "./simulate/project.ts";
export { type SimulateResult, simulate } from "./simulate/simulate.ts";
export { type SubtractResult, subtract } from "./subtract/subtract.ts";
export { type SymmetryResult, symmetry } from "./symmetry/symmetry.ts";
export { type FscResult, fsc } from "./validation/fsc.ts";
export type { NamedResolution } from "./validation/fsc-report.ts";
export { type MaskResult, mask } from "./validation/mask.ts";
export { type PostprocessResult, postprocess } from "./validation/postprocess.ts";
