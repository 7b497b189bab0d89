/**
 * RELION flags that have no option here. The harmless ones are taken with a note, so that a RELION command line can be
 * tried as it stands; the others would change what is asked for and are refused by name.
 */
export interface RelionFlag {
  readonly takesValue: boolean;
  readonly isHarmless: boolean;
  /** What Vitreous does instead, or what to do. */
  readonly note: string;
  /** Only this value is harmless. */
  readonly harmlessValue?: string;
}

const alwaysDone = (note: string): RelionFlag => ({ takesValue: false, isHarmless: true, note });
const decidedHere = (note: string): RelionFlag => ({ takesValue: true, isHarmless: true, note });
const refused = (takesValue: boolean, note: string): RelionFlag => ({ takesValue, isHarmless: false, note });
const onlyValue = (harmlessValue: string, note: string): RelionFlag => ({
  takesValue: true,
  isHarmless: false,
  harmlessValue,
  note,
});

const GRID = "the sampling follows from the resolution reached and each image's own posterior";
const READING = "reading is planned from --memory";

/** By flag without dashes. */
export const relionFlags: Readonly<Record<string, RelionFlag>> = {
  auto_refine: alwaysDone("refinement is always automatic"),
  split_random_halves: alwaysDone("half-sets are always kept apart"),
  ctf: alwaysDone("the CTF is always part of the image model"),
  norm: alwaysDone("norm correction is always on"),
  scale: alwaysDone("scale correction is always on"),
  ctf_corrected_ref: alwaysDone("the reference is always taken as CTF-corrected"),
  firstiter_cc: alwaysDone("the first round takes the reference's grey scale out of every comparison"),
  flatten_solvent: alwaysDone("the maps compared against are always masked"),
  zero_mask: alwaysDone("the outside of the mask is filled with noise, which keeps likelihoods calibrated"),
  solvent_correct_fsc: alwaysDone("masked and phase-randomised curves are always reported beside the unmasked one"),
  trust_ref_size: alwaysDone("the reference is resampled to the images' box and pixel size"),
  skip_gridding: alwaysDone("density compensation is off unless --gridding-iterations is above 0"),
  auto_ignore_angles: alwaysDone(GRID),
  auto_resol_angles: alwaysDone(GRID),
  preread_images: alwaysDone(READING),
  reuse_scratch: alwaysDone(READING),
  keep_scratch: alwaysDone(READING),
  no_parallel_disc_io: alwaysDone(READING),
  onthefly_shifts: alwaysDone("shifts are always made on the fly"),
  dont_combine_weights_via_disc: alwaysDone("nothing is combined through the disk"),
  dont_check_norm: alwaysDone("images need no normalisation beforehand"),
  oversampling: decidedHere(GRID),
  healpix_order: decidedHere(GRID),
  auto_local_healpix_order: decidedHere(GRID),
  psi_step: decidedHere(GRID),
  offset_range: decidedHere(GRID),
  offset_step: decidedHere(GRID),
  perturb: decidedHere(GRID),
  adaptive_fraction: decidedHere("an unbiased sample of each whole posterior is inserted; see --inserted-rotations"),
  maxsig: decidedHere("the whole posterior is inserted, not the best few poses"),
  incr_size: decidedHere("the radius grows by the measured FSC"),
  maskedge: decidedHere("the mask's soft edge is fixed"),
  pool: decidedHere("batches are planned from --memory"),
  scratch_dir: decidedHere(READING),
  keep_free_scratch: decidedHere(READING),
  free_gpu_memory: decidedHere("kernels run on the CPU"),
  gpu: decidedHere("kernels run on the CPU"),
  verb: decidedHere("progress goes to the terminal, every event to events.jsonl"),
  K: onlyValue("1", "several classes are not refined yet; classify first and refine each class on its own"),
  tau2_fudge: onlyValue("1", "the prior follows from the FSC of the half maps and is not to be tuned"),
  ref_angpix: refused(true, "write the pixel size into the map's header"),
  ctf_intact_first_peak: refused(false, "the CTF model has no such switch"),
  ctf_phase_flipped: refused(false, "the images must not be phase-flipped; extract them again without"),
  only_flip_phases: refused(false, "amplitude correction is part of the reconstruction"),
  skip_align: refused(false, "use vitreous reconstruct for given poses"),
  skip_rotate: refused(false, "use --stages local to stay near given poses"),
  skip_maximize: refused(false, "there is no run without maps"),
  sigma_ang: refused(true, "use --stages local; the width of the local search is estimated"),
  continue: refused(true, "use vitreous resume FOLDER"),
  sgd: refused(false, "start from a rough map with --reference"),
  denovo_3dref: refused(false, "start from a rough map with --reference"),
  helix: refused(false, "helical symmetry is not supported"),
  fix_sigma_noise: refused(false, "noise spectra are estimated every round"),
  strict_highres_exp: refused(true, "the radius grows by the measured FSC only"),
  local_symmetry: refused(true, "local symmetry is not supported"),
  multibody_masks: refused(true, "multi-body refinement is not supported"),
  tau: refused(true, "the prior follows from the FSC of the half maps"),
  solvent_mask2: refused(true, "only one solvent mask is supported"),
};
