// Hosts that are not there: network namespaces, one a host, on a bridge whose links have the rate wanted. MPI goes over TCP between them.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";

const SUBNET = "10.77.0";

function sh(line) {
  const result = spawnSync("sh", ["-c", line], { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`${line}: ${result.stderr.trim()}`);
  return result.stdout;
}

/** Why hosts cannot be made here; null: they can. */
export function whyNoNamespaces() {
  if (process.getuid() !== 0) return "making network namespaces needs root";
  for (const tool of ["ip", "tc", "mpirun"]) {
    if (spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0) return `there is no ${tool}`;
  }
  if (!spawnSync("mpirun", ["--version"], { encoding: "utf8" }).stdout.includes("Open MPI"))
    return "mpirun is not Open MPI's";
  try {
    sh("ip netns add vitreous-probe && ip netns del vitreous-probe");
    return null;
  } catch (error) {
    return error.message;
  }
}

/** `count` hosts with links of `rate` (as tc writes it), a processor each; `close` takes them away. */
export function makeHosts(count, rate) {
  const name = (host) => `vith${host}`;
  const folder = mkdtempSync(join(tmpdir(), "vitreous-hosts-"));
  const close = () => {
    for (let host = 0; host < count; host++) spawnSync("ip", ["netns", "del", name(host)]);
    spawnSync("ip", ["link", "del", "vitbr"]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    sh(`ip link add vitbr type bridge && ip addr add ${SUBNET}.254/24 dev vitbr && ip link set vitbr up`);
    for (let host = 0; host < count; host++) {
      const ns = name(host);
      sh(`ip netns add ${ns}`);
      sh(`ip link add ${ns}a type veth peer name ${ns}b && ip link set ${ns}b netns ${ns}`);
      sh(`ip link set ${ns}a master vitbr up`);
      sh(
        `ip -n ${ns} addr add ${SUBNET}.${host + 1}/24 dev ${ns}b && ip -n ${ns} link set ${ns}b up && ip -n ${ns} link set lo up`,
      );
      // Both ways: what a host sends, and what the bridge sends it.
      const shape = `root tbf rate ${rate} burst 256kb latency 20ms`;
      sh(`tc -n ${ns} qdisc add dev ${ns}b ${shape} && tc qdisc add dev ${ns}a ${shape}`);
    }
    // What mpirun calls in place of ssh: agent <host> <command …>.
    const agent = join(folder, "agent.sh");
    const processors = cpus().length;
    writeFileSync(
      agent,
      `#!/bin/sh
host=$1; shift
core=$(( \${host#vith} % ${processors} ))
exec ip netns exec $host unshare --uts sh -c 'hostname "$0"; exec taskset -c "$1" sh -c "$2"' $host $core "$*"
`,
    );
    chmodSync(agent, 0o755);
    const hosts = Array.from({ length: count }, (_, host) => `${name(host)}:1`).join(",");
    const words = [
      ...["--allow-run-as-root", "--bind-to", "none", "-n", String(count), "--host", hosts],
      ...["--mca", "plm", "rsh", "--mca", "plm_rsh_agent", agent, "--mca", "plm_rsh_no_tree_spawn", "1"],
      ...["--mca", "btl", "tcp,self", "--mca", "pml", "ob1"],
      ...["--mca", "btl_tcp_if_include", `${SUBNET}.0/24`, "--mca", "oob_tcp_if_include", `${SUBNET}.0/24`],
    ];
    return { words, close };
  } catch (error) {
    close();
    throw error;
  }
}
