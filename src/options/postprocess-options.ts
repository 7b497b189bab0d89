import { pointGroup } from "../geometry/point-group.ts";
import { choiceOption, namedOption, numberOption, optionalPath, pathOption, switchOption } from "./kinds.ts";
import {
  autoOrNumber,
  mapPixelSizeOption,
  maskShapeOptions,
  measureSeedOption,
  randomisationsOption,
} from "./map-measure-options.ts";
import type { OptionInput, OptionValues } from "./option.ts";
import { deviceOption, isaOption, particleRootOption, threadsOption } from "./shared-options.ts";

/** Options of `postprocess`. */
export const postprocessTable = {
  folder: optionalPath({
    flag: "folder",
    isPositional: true,
    valueName: "run folder",
    group: "input",
    help: "Folder of a finished run: its half maps, poses and symmetry are taken",
  }),
  half1: optionalPath({
    flag: "half1",
    valueName: "a.mrc",
    aliases: ["i"],
    group: "input",
    help: "Unfiltered half map, instead of a run folder",
  }),
  half2: optionalPath({
    flag: "half2",
    valueName: "b.mrc",
    aliases: ["i2"],
    group: "input",
    help: "The other unfiltered half map",
  }),
  out: optionalPath({
    flag: "out",
    valueName: "folder",
    aliases: ["o"],
    group: "input",
    help: "Folder of the results; none is postprocess in the run folder, or in the working folder",
  }),
  mask: pathOption({
    flag: "mask",
    valueName: "auto|sphere|mask.mrc",
    default: "auto",
    help: "Mask of the FSC and of the masked map: made from the average of the half maps, a soft sphere of --mask-diameter, or a map of 0 … 1",
  }),
  maskDiameterA: numberOption({
    flag: "mask-diameter",
    unit: "Å",
    default: 0,
    min: 0,
    help: "Diameter of the sphere; 0 is 0.9 of the box",
  }),
  bFactor: namedOption({
    flag: "b-factor",
    valueName: "auto|Å²",
    default: "auto",
    aliases: ["adhoc_bfac"],
    help: "B-factor of the sharpening, negative sharpens; auto takes that of the Guinier fit",
    canonical: autoOrNumber("auto or a number of Å²"),
  }),
  mtf: optionalPath({
    flag: "mtf",
    valueName: "mtf.star",
    help: "Modulation transfer function of the detector (rlnResolutionInversePixel, rlnMtfValue), which the map is divided by",
  }),
  mtfPixelSizeA: numberOption({
    flag: "mtf-pixel-size",
    unit: "Å",
    default: 0,
    min: 0,
    aliases: ["mtf_angpix"],
    help: "Pixel size of the detector that the MTF belongs to; 0 is that of the maps",
  }),
  model: optionalPath({
    flag: "model",
    valueName: "model.pdb|model.cif",
    help: "Atomic model in the map's frame, for a map-to-model FSC",
  }),
  emdbBundle: switchOption({
    flag: "emdb-bundle",
    help: "Also write emdb/ with what a deposition asks for: map, half maps, mask, FSC XML, picture",
  }),
  scoreParticles: switchOption({
    flag: "score-particles",
    help: "Also correlate each image with the projection of the other half's map at its pose; reads all images",
  }),
  pixelSizeA: mapPixelSizeOption,
  threads: threadsOption,
  ...maskShapeOptions,
  fitFromA: numberOption({
    flag: "fit-from",
    unit: "Å",
    default: 10,
    min: 0.1,
    aliases: ["autob_lowres"],
    group: "advanced",
    help: "Coarsest resolution of the Guinier fit",
  }),
  fitToA: numberOption({
    flag: "fit-to",
    unit: "Å",
    default: 0,
    min: 0,
    aliases: ["autob_highres"],
    group: "advanced",
    help: "Finest resolution of the Guinier fit; 0 is the resolution reported",
  }),
  lowPassA: numberOption({
    flag: "low-pass",
    unit: "Å",
    default: 0,
    min: 0,
    group: "advanced",
    help: "Low-pass filter of the sharpened map; 0 is the resolution reported",
  }),
  particles: optionalPath({
    flag: "particles",
    valueName: "particles.star",
    group: "advanced",
    help: "Poses for the orientation distribution; none takes run_data.star of the run folder",
  }),
  symmetry: namedOption({
    flag: "symmetry",
    valueName: "auto|group",
    default: "auto",
    aliases: ["sym"],
    group: "advanced",
    help: "Point group of the orientation distribution; auto is that of the run, or C1",
    canonical: (name) => (name.trim().toLowerCase() === "auto" ? "auto" : pointGroup(name).name),
  }),
  modelFrame: choiceOption({
    flag: "model-frame",
    choices: ["map", "centre", "mass"],
    default: "map",
    group: "advanced",
    help: "Where the model lies: in the frame of the map's header, with its origin or with its centre of mass on the centre of the box",
  }),
  localThreshold: numberOption({
    flag: "local-threshold",
    unit: "FSC",
    default: 0.143,
    min: 0.01,
    max: 0.99,
    group: "advanced",
    help: "Local FSC at which a voxel counts as no longer resolved",
  }),
  localWorstA: numberOption({
    flag: "local-worst",
    unit: "Å",
    default: 50,
    min: 1,
    group: "advanced",
    help: "Coarsest local resolution given",
  }),
  localWindowA: numberOption({
    flag: "local-window",
    unit: "Å",
    default: 0,
    min: 0,
    group: "advanced",
    help: "Least standard deviation of the window of the local FSC; the window is always at least 1.25 wavelengths",
  }),
  skipLocalResolution: switchOption({
    flag: "skip-local-resolution",
    group: "advanced",
    help: "Leave out the local resolution and the locally filtered map, which take most of the time",
  }),
  particleRoot: particleRootOption,
  randomisations: randomisationsOption,
  seed: measureSeedOption,
  device: deviceOption,
  isa: isaOption,
} as const;

export type PostprocessOptions = OptionValues<typeof postprocessTable>;
export type PostprocessInput = OptionInput<typeof postprocessTable>;
