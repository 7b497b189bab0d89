import { beamtiltTable } from "./beamtilt-options.ts";
import { benchTable } from "./bench-options.ts";
import { defocusTable } from "./defocus-options.ts";
import { demoTable } from "./demo-options.ts";
import { expandTable } from "./expand-options.ts";
import { fscTable } from "./fsc-options.ts";
import { inspectTable } from "./inspect-options.ts";
import { maskTable } from "./mask-options.ts";
import { planTable } from "./plan-options.ts";
import { postprocessTable } from "./postprocess-options.ts";
import { projectTable } from "./project-options.ts";
import { reconstructTable } from "./reconstruct-options.ts";
import { refineTable } from "./refine-options.ts";
import { reportTable } from "./report-options.ts";
import { resumeTable } from "./resume-options.ts";
import { selectTable } from "./select-options.ts";
import { simulateTable } from "./simulate-options.ts";
import { submitTable } from "./submit-options.ts";
import { subtractTable } from "./subtract-options.ts";
import { symmetryTable } from "./symmetry-options.ts";
import { validateTable } from "./validate-options.ts";
import type { VerbDescription } from "./verb-description.ts";

export type { VerbDescription, VerbName } from "./verb-description.ts";

export const verbs: readonly VerbDescription[] = [
  {
    name: "refine",
    summary: "Determine orientations and shifts from a rough map and write refined half maps, map and poses",
    usage: "vitreous refine <particles.star> --reference map.mrc --out folder [options]",
    table: refineTable,
    examples: [
      {
        does: "Refine with the defaults, outputs in run1/",
        command: "vitreous refine particles.star --reference init.mrc --out run1",
      },
      {
        does: "D2 symmetry, a 180 Å particle, a starting map trusted to 40 Å",
        command:
          "vitreous refine particles.star --reference init.mrc --out run2 --symmetry D2 --mask-diameter 180 --initial-resolution 40",
      },
      {
        does: "Go on from the poses of an earlier run, local search only",
        command: "vitreous refine run1/run_data.star --reference run1/run_class001.mrc --out run3 --stages local",
      },
      {
        does: "Pseudo-symmetry: C4 first, then each particle chooses among its four mates, for a C1 map",
        command: "vitreous refine particles.star --reference init.mrc --out run4 --relax-symmetry C4",
      },
    ],
  },
  {
    name: "resume",
    summary: "Go on with an interrupted run; it ends in the same bytes as an undisturbed one",
    usage: "vitreous resume <folder> [options]",
    table: resumeTable,
    examples: [{ does: "Go on with run1/", command: "vitreous resume run1" }],
  },
  {
    name: "defocus",
    summary: "Refine the defocus of every particle of a finished run, with poses and map, in a new run",
    usage: "vitreous defocus <folder> --out folder [options]",
    table: defocusTable,
    examples: [
      { does: "Defocus, then better maps, from run1/ into run2/", command: "vitreous defocus run1 --out run2" },
    ],
  },
  {
    name: "beamtilt",
    summary: "Estimate the beam tilt of each optics group of a finished run, and write a particle file that has it",
    usage: "vitreous beamtilt <folder> --out particles.star [options]",
    table: beamtiltTable,
    examples: [
      {
        does: "Beam tilt of run1/, then local search with it",
        command:
          "vitreous beamtilt run1 --out tilted.star; vitreous refine tilted.star --reference run1/run_class001.mrc --out run2 --stages local",
      },
    ],
  },
  {
    name: "simulate",
    summary: "Make a particle set with known poses from a map",
    usage: "vitreous simulate [map.mrc] --out folder [options]",
    table: simulateTable,
    examples: [
      { does: "1,000 images of the built-in molecule", command: "vitreous simulate --out data1" },
      {
        does: "5,000 images of a map, one in twenty of them noise only",
        command: "vitreous simulate ribosome.mrc --out data2 --particles 5000 --snr 0.05 --junk 0.05",
      },
    ],
  },
  {
    name: "project",
    summary: "Project a map with given poses and CTF",
    usage: "vitreous project <particles.star> --reference map.mrc --out prefix [options]",
    table: projectTable,
    examples: [
      {
        does: "Projections to hold beside the images of a finished run",
        command: "vitreous project run1/run_data.star --reference run1/run_class001.mrc --out projections",
      },
    ],
  },
  {
    name: "reconstruct",
    summary: "Reconstruct map and half maps from given poses",
    usage: "vitreous reconstruct <particles.star> --out prefix [options]",
    table: reconstructTable,
    examples: [
      {
        does: "Map and half maps from the poses of a run, octahedral symmetry",
        command: "vitreous reconstruct run1/run_data.star --out again --symmetry O",
      },
    ],
  },
  {
    name: "postprocess",
    summary: "Mask, FSC, sharpening, local and directional resolution of two half maps, ready for deposition",
    usage: "vitreous postprocess <run folder> [options]",
    table: postprocessTable,
    examples: [
      { does: "A finished run; results in run1/postprocess/", command: "vitreous postprocess run1" },
      {
        does: "Half maps of any program, a mask of one's own, the files that the EMDB asks for",
        command: "vitreous postprocess --half1 half1.mrc --half2 half2.mrc --mask mask.mrc --out post1 --emdb-bundle",
      },
      {
        does: "Divide by the detector's MTF, compare with a model",
        command: "vitreous postprocess run1 --mtf mtf_k3.star --mtf-pixel-size 0.83 --model model.cif",
      },
    ],
  },
  {
    name: "fsc",
    summary: "Fourier shell correlation of two maps, with or without a mask",
    usage: "vitreous fsc <a.mrc> <b.mrc> [options]",
    table: fscTable,
    examples: [
      { does: "Resolution at 0.143 and 0.5", command: "vitreous fsc half1.mrc half2.mrc" },
      {
        does: "Inside a mask, corrected by phase randomisation, curves as STAR, XML, SVG and JSON",
        command: "vitreous fsc half1.mrc half2.mrc --mask mask.mrc --out fsc1",
      },
    ],
  },
  {
    name: "mask",
    summary: "Make a soft solvent mask from a map",
    usage: "vitreous mask <map.mrc> --out mask.mrc [options]",
    table: maskTable,
    examples: [
      { does: "Everything automatic", command: "vitreous mask run1/run_class001.mrc --out mask.mrc" },
      {
        does: "A tighter mask at a density of one's own",
        command: "vitreous mask map.mrc --out mask.mrc --mask-threshold 0.012 --mask-extend 4 --mask-edge 10",
      },
    ],
  },
  {
    name: "report",
    summary: "Show a run, finished or under way, as one HTML page that needs no network, and its numbers as JSON",
    usage: "vitreous report <folder> [options]",
    table: reportTable,
    examples: [{ does: "run1/report.html and run1/report.json", command: "vitreous report run1" }],
  },
  {
    name: "inspect",
    summary: "Say in words what a file or a run's folder holds",
    usage: "vitreous inspect <file or folder> [options]",
    table: inspectTable,
    examples: [
      { does: "A particle set, a map, a checkpoint, a log …", command: "vitreous inspect particles.star" },
      { does: "How far a run is", command: "vitreous inspect run1" },
    ],
  },
  {
    name: "validate",
    summary: "Check a whole particle set and list every problem with its remedy; exit code 1 when there are errors",
    usage: "vitreous validate <particles.star> [options]",
    table: validateTable,
    examples: [
      { does: "Metadata, stacks and 2,000 of the images", command: "vitreous validate particles.star" },
      {
        does: "Every image, findings as JSON",
        command: "vitreous validate particles.cs --passthrough passthrough.cs --all-images --json",
      },
    ],
  },
  {
    name: "select",
    summary: "Write the particles that meet conditions, every column kept",
    usage: "vitreous select <particles.star> --out out.star [options]",
    table: selectTable,
    examples: [
      {
        does: "What shows the particle at all",
        command: "vitreous select run1/run_data.star --out clean.star --min-score 0.5",
      },
      {
        does: "One session's micrographs, defocus 0.8 to 2 µm",
        command: "vitreous select particles.star --out part.star --micrograph '*_may12_*' --defocus 8000,20000",
      },
    ],
  },
  {
    name: "expand",
    summary: "Repeat every particle once per symmetry operator, sharing its image (symmetry expansion)",
    usage: "vitreous expand <particles.star> --out out.star --symmetry group",
    table: expandTable,
    examples: [
      {
        does: "Four rows per particle of a C4 run",
        command: "vitreous expand run1/run_data.star --out expanded.star --symmetry C4",
      },
    ],
  },
  {
    name: "subtract",
    summary: "Take what lies outside a mask out of every image: a new stack for focused refinement",
    usage: "vitreous subtract <particles.star> --reference map.mrc --mask mask.mrc --out prefix [options]",
    table: subtractTable,
    examples: [
      {
        does: "Keep what the mask covers, each half-set by its own map",
        command:
          "vitreous subtract run1/run_data.star --reference run1/run_half1_class001_unfil.mrc --reference2 run1/run_half2_class001_unfil.mrc --mask keep.mrc --out kept",
      },
    ],
  },
  {
    name: "symmetry",
    summary: "Find a map's symmetry axes, say which point group fits, and turn the map onto RELION's axes",
    usage: "vitreous symmetry <map.mrc> [options]",
    table: symmetryTable,
    examples: [
      { does: "Which group fits", command: "vitreous symmetry run1/run_class001.mrc" },
      {
        does: "The map and its poses on the group's axes, for a run with this symmetry",
        command: "vitreous symmetry run1/run_class001.mrc --out aligned.mrc --particles run1/run_data.star",
      },
    ],
  },
  {
    name: "demo",
    summary: "Simulate a small data set, refine it and compare with the truth, in a few minutes",
    usage: "vitreous demo [options]",
    table: demoTable,
    examples: [{ does: "Everything in demo-run/", command: "vitreous demo" }],
  },
  {
    name: "plan",
    summary: "Say what a refinement on n ranks will need and how long it will take, without data",
    usage: "vitreous plan --particles n --box px --pixel-size Å [options]",
    table: planTable,
    examples: [
      {
        does: "211,826 particles of 160 px with C4 symmetry on 512 nodes",
        command: "vitreous plan --particles 211826 --box 160 --pixel-size 1.32 --symmetry C4 --ranks 512",
      },
      {
        does: "Eight nodes of 64 cores and 128 GB, kernel rates measured here",
        command:
          "vitreous plan --particles 50000 --box 384 --pixel-size 0.83 --ranks 8 --threads 64 --memory 128 --rates measure",
      },
    ],
  },
  {
    name: "bench",
    summary: "Reproduce the parallel design's published experiments as tables and pictures, simulated",
    usage: "vitreous bench scale [options]",
    table: benchTable,
    examples: [{ does: "All figures in bench-scale/", command: "vitreous bench scale" }],
  },
  {
    name: "submit",
    summary: "Write a job script for a cluster that goes on from its checkpoint when it is put back in the queue",
    usage: "vitreous submit [options] -- refine <particles.star> …",
    table: submitTable,
    examples: [
      {
        does: "Four ranks of 16 cores for four hours at a time, handed to Slurm",
        command:
          "vitreous submit --ranks 4 --threads 16 --time 4:00:00 --submit -- refine particles.star --reference init.mrc --out run1",
      },
      {
        does: "A site's own RELION template",
        command:
          "vitreous submit --template relion.sh --queue gpu -- refine particles.star --reference init.mrc --out run1",
      },
    ],
  },
];

export function verbNamed(name: string): VerbDescription | undefined {
  return verbs.find((verb) => verb.name === name);
}
