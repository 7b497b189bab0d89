/** What the simulation knows of a machine: its nodes and the network between them. */

/** One rank's share of a machine. */
export interface NodeModel {
  /** Cores that run kernels; a fraction where ranks share a core. */
  readonly cores: number;
  /** Single-precision multiply-add peak of one core, GFLOP/s. */
  readonly gflopsPerCore: number;
  /** Bytes that all cores together read and write, GB/s. */
  readonly memoryGBps: number;
  readonly memoryGB: number;
  /** Share of the file system that one node gets, GB/s. */
  readonly storageGBps: number;
}

/** A message of b bytes takes latencyS + b / bytesPerS; a node's messages follow each other, each with its overhead. */
export interface NetworkModel {
  readonly latencyS: number;
  /** Each way, per node. */
  readonly bytesPerS: number;
  /** Processor time to start one message. */
  readonly overheadS: number;
  /** Share of bytesPerS that is left when every node talks to far ones at once; neighbours keep all of it. */
  readonly globalShare: number;
  /** Core-seconds per byte that a node sends or receives: copies and protocol, taken from its kernels. */
  readonly coreSecondsPerByte: number;
}

export interface ClusterModel {
  readonly node: NodeModel;
  readonly network: NetworkModel;
  /** Where the figures come from, and which are assumptions. */
  readonly source: string;
}

export type ClusterName = "cluster" | "taihulight" | "haswell";

/**
 * The presets. `cluster` is a common one of today; the other two are the machines of the design paper (Qiao et al. 2019), whose
 * text gives no figure of their networks.
 */
export const clusterPresets: Readonly<Record<ClusterName, ClusterModel>> = {
  cluster: {
    node: { cores: 32, gflopsPerCore: 60, memoryGBps: 200, memoryGB: 256, storageGBps: 1 },
    network: { latencyS: 2e-6, bytesPerS: 11e9, overheadS: 0.5e-6, globalShare: 0.5, coreSecondsPerByte: 0 },
    source:
      "assumed: 32 cores with AVX2 at about 2 GHz, 100 Gb/s Ethernet or InfiniBand (12.5 GB/s, 88 % of it reached, 2 µs), 2:1 tapered tree",
  },
  taihulight: {
    node: { cores: 4, gflopsPerCore: 765, memoryGBps: 136, memoryGB: 32, storageGBps: 0.2 },
    network: { latencyS: 1e-6, bytesPerS: 12e9, overheadS: 0.5e-6, globalShare: 0.21, coreSecondsPerByte: 0 },
    source:
      "SW26010: 4 core groups counted as cores, 3.06 TFLOP/s and 136 GB/s a node, 128 Gb/s injection, 70 TB/s bisection of 40,960 nodes (Dongarra 2016); " +
      "assumed: 75 % of the injection bandwidth, 1 µs, and that kernels reach the same share of the peak as on the machine measured, which scratchpads of 64 KB make optimistic",
  },
  haswell: {
    node: { cores: 24, gflopsPerCore: 73.6, memoryGBps: 110, memoryGB: 128, storageGBps: 1 },
    network: { latencyS: 2e-6, bytesPerS: 5.5e9, overheadS: 0.5e-6, globalShare: 0.7, coreSecondsPerByte: 0 },
    source:
      "two E5-2670 v3 a node (24 cores at 2.3 GHz, AVX2); assumed: 80 % of the memory's 136 GB/s, 56 Gb/s InfiniBand (the paper names no network), 128 GB",
  },
};
