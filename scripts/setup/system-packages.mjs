import { run, SetupError, succeeds } from "./run-command.mjs";

const usesFftw = "#include <fftw3.h>\nint main() { return fftwf_plan_dft_1d == nullptr; }\n";

/** What the native build needs: the Debian package, and how to see that it (or its like elsewhere) is there. */
const needed = [
  { debian: "cmake", isPresent: () => succeeds("cmake", ["--version"]) },
  { debian: "ninja-build", isPresent: () => succeeds("ninja", ["--version"]) },
  { debian: "g++", isPresent: () => succeeds("c++", ["--version"]) },
  {
    debian: "libfftw3-dev",
    isPresent: () => succeeds("c++", ["-x", "c++", "-", "-lfftw3f", "-o", "/dev/null"], usesFftw),
  },
];

const usesMpi = "#include <mpi.h>\nint main() { return MPI_Finalize(); }\n";

/** Many ranks need an MPI; one process does without. */
const mpiPackages = ["libopenmpi-dev", "openmpi-bin"];

/** Installs an MPI where none is there and that is allowed without asking; says so where it cannot, and goes on. */
export function ensureMpi(say) {
  if (succeeds("mpicxx", ["-x", "c++", "-", "-o", "/dev/null"], usesMpi)) return;
  const byHand = `To run on several ranks: apt-get install ${mpiPackages.join(" ")}, then npm run setup.`;
  const isRoot = process.getuid?.() === 0;
  if (!succeeds("apt-get", ["--version"]) || (!isRoot && !succeeds("sudo", ["-n", "true"]))) {
    say(`no MPI was found, so Vitreous runs as one process. ${byHand}`);
    return;
  }
  say(`installing an MPI: ${mpiPackages.join(" ")}`);
  try {
    install(mpiPackages, isRoot);
  } catch {
    say(`no MPI could be installed, so Vitreous runs as one process. ${byHand}`);
  }
}

/** Installs with apt what is missing, where that is allowed without asking; else throws SetupError with what to do. */
export function ensureSystemPackages(say) {
  const missing = needed.filter((item) => !item.isPresent()).map((item) => item.debian);
  if (missing.length === 0) return;
  if (!succeeds("apt-get", ["--version"])) {
    throw new SetupError(
      "these must be installed first: CMake 3.20 or newer, Ninja, a C++20 compiler with OpenMP, and FFTW 3 in single " +
        `precision with its headers. Missing here (by their Debian names): ${missing.join(" ")}.`,
    );
  }
  const isRoot = process.getuid?.() === 0;
  const line = `apt-get update && apt-get install -y ${missing.join(" ")}`;
  const byHand = isRoot ? line : `sudo sh -c '${line}'`;
  if (!isRoot && !succeeds("sudo", ["-n", "true"])) {
    throw new SetupError(
      `system packages are missing and installing them needs a password. Run this line:\n  ${byHand}`,
    );
  }
  say(`installing system packages: ${missing.join(" ")}`);
  try {
    install(missing, isRoot);
  } catch (error) {
    throw new SetupError(`${error.message} To try by hand, run this line:\n  ${byHand}`);
  }
}

function install(packages, isRoot) {
  const apt = (...args) => {
    const command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300", ...args];
    if (!isRoot) command.unshift("sudo", "-n");
    run(command[0], command.slice(1), { isQuiet: true });
  };
  apt("update");
  apt("install", "-y", "--no-install-recommends", ...packages);
}
