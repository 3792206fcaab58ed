/**
 * The rooms' borders. `make check` enforces them; test/rooms plants a violation of each rule and sees it caught.
 * `from` and `to` are regular expressions over paths from the project's root; packages are under node_modules/.
 */
const layers = require('./engine/layers.json');

const rooms = '^(core|engine|local|workflows|activities|workers|cli|api|infra|bench)/';
const npm = '^node_modules/';

/** Dependency type of Node's own modules, which have no path on disk. */
const builtin = 'core';

/** A rule that forbids a room every import but its own, the listed paths and the listed types of dependency. */
const only = (name, room, paths, types, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: `^${room}/` },
  to: { pathNot: [`^${room}/`, ...paths], dependencyTypesNot: types },
});

/** The files of one folder of `root`; `.` stands for those that lie in `root` itself. */
const filesOf = (root, folder) => (folder === '.' ? `^${root}/[^/]+$` : `^${root}/${folder}/`);

/**
 * A rule for every folder of `root`: it may import the folders of the layers below its own, and no others.
 * `ordered` are lists of folders, the lowest first. A folder that is alone on top may import them all and needs no rule.
 */
const layered = (root, ordered) =>
  ordered.flatMap((layer, level) =>
    layer.flatMap((folder) => {
      const below = ordered.slice(0, level).flat();
      if (below.length + 1 === ordered.flat().length) return [];
      return {
        name: `layer-of-${root}/${folder}`,
        severity: 'error',
        comment:
          `Of ${root}/, ${folder} may import ${below.join(', ') || 'nothing else'} (${root} in engine/layers.json). Move ` +
          'what both need into the lowest folder that knows its words, or take it as an argument.',
        from: { path: filesOf(root, folder) },
        to: { path: `^${root}/`, pathNot: [folder, ...below].map((name) => filesOf(root, name)) },
      };
    }),
  );

/** Every package but Temporal's. */
const packages = `${npm}(?!@temporalio/)`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    only(
      'core-is-pure',
      'core',
      [],
      [],
      'core imports core and nothing else: no I/O, no clock, no package. Move what needs one to engine, and pass ' +
        'its result in.',
    ),
    only(
      'engine-knows-no-temporal',
      'engine',
      ['^core/', packages],
      [builtin],
      'engine works without Temporal and knows no other room. Take a callback or an AbortSignal instead of an ' +
        'activity context.',
    ),
    ...Object.entries(layers).flatMap(([root, ordered]) => layered(root, ordered)),
    {
      name: 'engine-folders-have-a-layer',
      severity: 'error',
      comment:
        'Put the file into one of the folders that engine/layers.json lists, or list its folder there.',
      from: {},
      to: {
        path: '^engine/',
        pathNot: Object.entries(layers).flatMap(([root, ordered]) =>
          ordered
            .flat()
            .filter((folder) => !(`${root}/${folder}` in layers))
            .map((folder) => filesOf(root, folder)),
        ),
      },
    },
    only(
      'local-executes',
      'local',
      ['^core/', '^engine/'],
      [builtin],
      'local runs the steps of the engine in one process, without Temporal and without a package of its own. What ' +
        'needs a package belongs in engine; what a user sees belongs in cli.',
    ),
    only(
      'workflow-values',
      'workflows',
      ['^core/', `${npm}@temporalio/workflow/`],
      ['type-only'],
      'workflows run in a sandbox and are replayed: values come from core and @temporalio/workflow only. Do the ' +
        'work in an activity; for its signature use `import type`.',
    ),
    only(
      'workflow-types',
      'workflows',
      ['^core/', '^activities/', `${npm}@temporalio/(workflow|common)/`],
      [],
      "workflows know of other rooms just the activities' signatures. Move the type to core.",
    ),
    only(
      'activities-are-thin',
      'activities',
      ['^core/', '^engine/', `${npm}@temporalio/(activity|common)/`],
      [builtin],
      'activities heartbeat, call the engine and map errors. What needs a package belongs in engine.',
    ),
    only(
      'workers-compose',
      'workers',
      ['^core/', '^engine/', '^activities/', `${npm}@temporalio/(worker|common)/`, packages],
      [builtin],
      'workers put activities and engine together, and find the workflows by path or bundle, never by import.',
    ),
    {
      name: 'cli-is-a-client',
      severity: 'error',
      comment:
        'cli parses, submits, watches and inspects: core, engine, local and @temporalio/client. Only the `worker` command ' +
        'may reach into workers, to start one.',
      from: { path: '^cli/', pathNot: '^cli/commands/worker\\.ts$' },
      to: {
        pathNot: [
          '^cli/',
          '^core/',
          '^engine/',
          '^local/',
          `${npm}@temporalio/(client|common|envconfig)/`,
          packages,
        ],
        dependencyTypesNot: [builtin],
      },
    },
    {
      name: 'worker-command-starts-workers',
      severity: 'error',
      comment: 'the `worker` command may import workers besides what every command may, and nothing further.',
      from: { path: '^cli/commands/worker\\.ts$' },
      to: { pathNot: ['^cli/', '^core/', '^engine/', '^workers/', packages], dependencyTypesNot: [builtin] },
    },
    only(
      'api-offers-the-engine',
      'api',
      ['^core/', '^engine/', '^local/', packages],
      [builtin],
      'api is what programs import from the package: core, engine and local behind a few functions, without Temporal.',
    ),
    only(
      'infra-is-outside',
      'infra',
      ['^core/', '^engine/', `${npm}@temporalio/client/`, packages],
      [builtin],
      'infra runs the product from outside: through its command, its environment and its servers.',
    ),
    only(
      'bench-times-the-engine',
      'bench',
      ['^core/', '^engine/', '^local/', '^infra/', packages],
      [builtin],
      'bench times core, engine and local; whole jobs run through the built command, on the dev stack of infra.',
    ),
    {
      name: 'nothing-imports-the-edges',
      severity: 'error',
      comment: 'cli, api, bench and test are at the edge. Move what is shared to core or engine.',
      from: { path: '^(core|engine|local|workflows|activities|workers|infra)/' },
      to: { path: '^(cli|api|bench|test)/' },
    },
    {
      name: 'one-door-to-onnx-runtime',
      severity: 'error',
      comment:
        'ONNX Runtime reports to its maker unless it is told not to before it loads. Import it from ' +
        'engine/model/session/onnx-runtime.ts.',
      from: { path: rooms, pathNot: '^engine/model/session/onnx-runtime\\.ts$' },
      to: { path: `${npm}onnxruntime-node/`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      comment:
        'Two modules that need each other, if only by their types, are one, or hide a third: move what both need into ' +
        'a file below them.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      severity: 'error',
      comment:
        'A module that imports nothing and that nothing imports is dead: use it or delete it. Scripts live in bench, ' +
        'and what AssemblyScript compiles in a folder `assembly`.',
      from: { orphan: true, path: rooms, pathNot: ['^bench/', '/assembly/', '\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'no-development-package',
      severity: 'error',
      comment:
        'The product runs with `npm ci --omit=dev`: move the package to dependencies, or the code to test.',
      from: { path: '^(core|engine|local|workflows|activities|workers|cli|api)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-unknown-import',
      severity: 'error',
      comment: 'This import leads nowhere, or to a package that package.json does not name.',
      from: { path: rooms },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-package',
      severity: 'error',
      comment:
        'package.json does not name this package; another one happens to bring it. Add it to dependencies.',
      from: { path: rooms },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Sees `import type`, and tells it from an import of values.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
    skipAnalysisNotInRules: false,
  },
};
