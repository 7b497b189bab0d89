import { checkCompare, compareReference } from "./ops/compare.ts";
import { checkCompareCells, compareCellsReference } from "./ops/compare-cells.ts";
import { checkConformImages, conformImagesReference } from "./ops/conform-images.ts";
import { checkCtf, ctfReference } from "./ops/ctf.ts";
import {
  checkFft3,
  checkFftLines,
  checkFftPlanes,
  fftForward3Reference,
  fftInverse3Reference,
  fftLinesReference,
  fftPlanesReference,
} from "./ops/fft.ts";
import { checkInsert, insertReference } from "./ops/insert.ts";
import { checkPrepareImages, prepareImagesReference } from "./ops/prepare-images.ts";
import { checkProject, projectReference } from "./ops/project.ts";
import { checkProposePoints, proposePointsReference } from "./ops/propose-points.ts";
import { checkRadialMean, radialMeanReference } from "./ops/radial-mean.ts";
import { checkReconstruct, reconstructReference } from "./ops/reconstruct.ts";
import { checkReferenceVolume, referenceVolumeReference } from "./ops/reference-volume.ts";
import { checkResiduals, residualsReference } from "./ops/residuals.ts";
import { checkScorePoints, scorePointsReference } from "./ops/score-points.ts";
import { checkShellSums, shellSumsReference } from "./ops/shell-sums.ts";
import {
  addFixedReference,
  addSumsReference,
  checkAddFixed,
  checkAddSums,
  checkClaimSlab,
  checkFinishSlab,
  checkHermitianColumn,
  claimSlabReference,
  finishSlabReference,
  hermitianColumnReference,
} from "./ops/slab-finish.ts";
import {
  checkGriddingFromPlanes,
  checkGriddingToPlanes,
  checkMapLines,
  checkMapPlanes,
  checkSmoothPlanes,
  griddingFromPlanesReference,
  griddingToPlanesReference,
  mapLinesReference,
  mapPlanesReference,
  smoothPlanesReference,
} from "./ops/slab-gridding.ts";
import { addSlicesReference, checkAddSlices, checkExtractSlices, extractSlicesReference } from "./ops/slab-insert.ts";
import {
  checkNarrowSums,
  checkSymmetrise,
  checkSymmetriseRows,
  narrowSumsReference,
  symmetriseReference,
  symmetriseRowsReference,
} from "./ops/symmetrise.ts";
import { checkInsertTiles, checkWeighTiles, insertTilesReference, weighTilesReference } from "./ops/tile-insert.ts";
import { checkUpdateCloud, updateCloudReference } from "./ops/update-cloud.ts";
import type { DeviceOps } from "./types.ts";

export type OpName = keyof DeviceOps;
export type OpArgs<Name extends OpName> = Parameters<DeviceOps[Name]>[0];

/** What every op has on every device: the check at the door, and the meaning in plain TypeScript. */
export interface Op<Args> {
  check(args: Args): void;
  reference(args: Args): void;
}

export const OP_TABLE: { readonly [Name in OpName]: Op<OpArgs<Name>> } = {
  ctf: { check: checkCtf, reference: ctfReference },
  conformImages: { check: checkConformImages, reference: conformImagesReference },
  prepareImages: { check: checkPrepareImages, reference: prepareImagesReference },
  project: { check: checkProject, reference: projectReference },
  compare: { check: checkCompare, reference: compareReference },
  compareCells: { check: checkCompareCells, reference: compareCellsReference },
  scorePoints: { check: checkScorePoints, reference: scorePointsReference },
  proposePoints: { check: checkProposePoints, reference: proposePointsReference },
  updateCloud: { check: checkUpdateCloud, reference: updateCloudReference },
  residuals: { check: checkResiduals, reference: residualsReference },
  insert: { check: checkInsert, reference: insertReference },
  symmetrise: { check: checkSymmetrise, reference: symmetriseReference },
  radialMean: { check: checkRadialMean, reference: radialMeanReference },
  reconstruct: { check: checkReconstruct, reference: reconstructReference },
  referenceVolume: { check: checkReferenceVolume, reference: referenceVolumeReference },
  fftForward3: { check: checkFft3, reference: fftForward3Reference },
  fftInverse3: { check: checkFft3, reference: fftInverse3Reference },
  fftPlanes: { check: checkFftPlanes, reference: fftPlanesReference },
  fftLines: { check: checkFftLines, reference: fftLinesReference },
  extractSlices: { check: checkExtractSlices, reference: extractSlicesReference },
  addSlices: { check: checkAddSlices, reference: addSlicesReference },
  weighTiles: { check: checkWeighTiles, reference: weighTilesReference },
  insertTiles: { check: checkInsertTiles, reference: insertTilesReference },
  addFixed: { check: checkAddFixed, reference: addFixedReference },
  addSums: { check: checkAddSums, reference: addSumsReference },
  claimSlab: { check: checkClaimSlab, reference: claimSlabReference },
  hermitianColumn: { check: checkHermitianColumn, reference: hermitianColumnReference },
  finishSlab: { check: checkFinishSlab, reference: finishSlabReference },
  symmetriseRows: { check: checkSymmetriseRows, reference: symmetriseRowsReference },
  narrowSums: { check: checkNarrowSums, reference: narrowSumsReference },
  shellSums: { check: checkShellSums, reference: shellSumsReference },
  griddingToPlanes: { check: checkGriddingToPlanes, reference: griddingToPlanesReference },
  smoothPlanes: { check: checkSmoothPlanes, reference: smoothPlanesReference },
  griddingFromPlanes: { check: checkGriddingFromPlanes, reference: griddingFromPlanesReference },
  mapLines: { check: checkMapLines, reference: mapLinesReference },
  mapPlanes: { check: checkMapPlanes, reference: mapPlanesReference },
};

/** The methods of a device from one function: arguments are checked at once, then handed to `enqueue`. */
export function makeOps(enqueue: <Name extends OpName>(name: Name, args: OpArgs<Name>) => void): DeviceOps {
  const method =
    <Name extends OpName>(name: Name) =>
    (args: OpArgs<Name>): void => {
      (OP_TABLE[name] as Op<OpArgs<Name>>).check(args);
      enqueue(name, args);
    };
  return {
    ctf: method("ctf"),
    conformImages: method("conformImages"),
    prepareImages: method("prepareImages"),
    project: method("project"),
    compare: method("compare"),
    compareCells: method("compareCells"),
    scorePoints: method("scorePoints"),
    proposePoints: method("proposePoints"),
    updateCloud: method("updateCloud"),
    residuals: method("residuals"),
    insert: method("insert"),
    symmetrise: method("symmetrise"),
    radialMean: method("radialMean"),
    reconstruct: method("reconstruct"),
    referenceVolume: method("referenceVolume"),
    fftForward3: method("fftForward3"),
    fftInverse3: method("fftInverse3"),
    fftPlanes: method("fftPlanes"),
    fftLines: method("fftLines"),
    extractSlices: method("extractSlices"),
    addSlices: method("addSlices"),
    weighTiles: method("weighTiles"),
    insertTiles: method("insertTiles"),
    addFixed: method("addFixed"),
    addSums: method("addSums"),
    claimSlab: method("claimSlab"),
    hermitianColumn: method("hermitianColumn"),
    finishSlab: method("finishSlab"),
    symmetriseRows: method("symmetriseRows"),
    narrowSums: method("narrowSums"),
    shellSums: method("shellSums"),
    griddingToPlanes: method("griddingToPlanes"),
    smoothPlanes: method("smoothPlanes"),
    griddingFromPlanes: method("griddingFromPlanes"),
    mapLines: method("mapLines"),
    mapPlanes: method("mapPlanes"),
  };
}
