import type { OptionTable } from "./option.ts";

/** What help and docs say of a verb besides its options. */
export interface VerbDescription {
  readonly name: VerbName;
  readonly summary: string;
  readonly usage: string;
  readonly table: OptionTable;
  readonly examples: readonly { readonly does: string; readonly command: string }[];
}

export type VerbName =
  | "refine"
  | "resume"
  | "defocus"
  | "beamtilt"
  | "simulate"
  | "project"
  | "reconstruct"
  | "postprocess"
  | "fsc"
  | "mask"
  | "report"
  | "inspect"
  | "validate"
  | "select"
  | "expand"
  | "subtract"
  | "symmetry"
  | "demo"
  | "plan"
  | "bench"
  | "submit";
