import type { ClusterOptions } from "../options/plan-options.ts";
import { type ClusterModel, clusterPresets } from "./cluster-model.ts";

/** A preset with the figures that the caller knows better. */
export function clusterOf(
  options: ClusterOptions,
  rank: { readonly threads: number; readonly memoryGb: number },
): ClusterModel {
  const preset = clusterPresets[options.cluster];
  const given = (value: number, otherwise: number) => (value > 0 ? value : otherwise);
  const { node, network } = preset;
  const changed = [
    ["--threads", rank.threads],
    ["--memory", rank.memoryGb],
    ["--core-gflops", options.coreGflops],
    ["--memory-bandwidth", options.nodeBandwidthGBps],
    ["--storage", options.storageGBps],
    ["--network", options.networkGbps],
    ["--latency", options.latencyUs],
    ["--global-share", options.globalShare],
  ].filter(([, value]) => (value as number) > 0);
  const cores = given(rank.threads, node.cores);
  return {
    node: {
      cores,
      gflopsPerCore: given(options.coreGflops, node.gflopsPerCore),
      // Fewer cores than the preset's draw less from its memory.
      memoryGBps: given(options.nodeBandwidthGBps, node.memoryGBps * Math.min(1, cores / node.cores)),
      memoryGB: given(rank.memoryGb, node.memoryGB),
      storageGBps: given(options.storageGBps, node.storageGBps),
    },
    network: {
      ...network,
      bytesPerS: given((options.networkGbps * 1e9) / 8, network.bytesPerS),
      latencyS: given(options.latencyUs * 1e-6, network.latencyS),
      globalShare: given(options.globalShare, network.globalShare),
    },
    source:
      changed.length === 0
        ? preset.source
        : `${preset.source}; given: ${changed.map(([flag, value]) => `${flag} ${value}`).join(", ")}`,
  };
}
