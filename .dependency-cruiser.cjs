// The layers of docs/architecture.md: a folder of src/ may import itself and the folders listed here, nothing else.
const { join } = require("node:path");

const foundation = ["core"];
const substrate = [...foundation, "io", "geometry", "comm", "optics", "device"];
const science = [...substrate, "particles", "posterior", "map"];

const mayImport = {
  core: [],
  io: foundation,
  geometry: foundation,
  comm: foundation,
  optics: [...foundation, "geometry"],
  device: [...foundation, "geometry"],
  particles: substrate,
  posterior: substrate,
  map: substrate,
  expectation: science,
  maximization: science,
  options: science,
  simulate: [...science, "options"],
  validation: [...science, "options", "simulate"],
  curate: [...science, "options"],
  subtract: [...science, "options", "simulate"],
  symmetry: [...science, "options"],
  report: [...science, "options"],
  refine: [...science, "expectation", "maximization", "options"],
  inspect: [...science, "options", "refine"],
  // plan counts the work of refine's schedule and the bytes of its memory plan: the one copy of those formulas.
  plan: [...science, "expectation", "maximization", "options", "refine"],
  cluster: [...science, "options", "refine"],
  cli: [
    ...science,
    "expectation",
    "maximization",
    "options",
    "simulate",
    "validation",
    "refine",
    "plan",
    "cluster",
    "curate",
    "subtract",
    "symmetry",
    "report",
    "inspect",
  ],
};

const layerRules = Object.entries(mayImport).map(([folder, allowed]) => ({
  name: `layer-${folder}`,
  comment: `src/${folder}/ may import ${allowed.length === 0 ? "nothing else" : allowed.join(", ")}.`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: "^src/", pathNot: `^src/(${[folder, ...allowed].join("|")})/` },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: "known-folder",
      comment: "Every folder of src/ has a layer in .dependency-cruiser.cjs.",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: `^src/(${Object.keys(mayImport).join("|")})/` },
      to: {},
    },
    {
      name: "entry-is-the-top",
      comment: "src/index.ts is for users of the package; nothing inside imports it.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^src/index\\.ts$" },
    },
    {
      name: "node-only-at-the-edge",
      comment:
        "node:* belongs to io/node/, device/cpu/, comm/mpi*.ts and cli/, so that the engine can later run in a browser.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(io/node/|device/cpu/|cli/|server/|comm/mpi[^/]*\\.ts$)" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "no-circular",
      comment: "A cycle has no order in which it can be read.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-unresolvable",
      comment: "An import that leads nowhere; also what all imports look like when this tool cannot read TypeScript.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-tests-in-source",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|bench|scripts)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: join(__dirname, "tsconfig.json") },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
