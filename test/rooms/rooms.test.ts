import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { ROOMS } from '../support/rooms.js';

const project = fileURLToPath(new URL('../..', import.meta.url));
const configuration = createRequire(import.meta.url)(join(project, '.dependency-cruiser.cjs')) as {
  forbidden: { name: string }[];
};
/**
 * The layers of folders, the lowest first, by the folder that contains them. `.` stands for the
 * files in that folder itself.
 */
const LAYERS = Object.entries(
  JSON.parse(readFileSync(join(project, 'engine/layers.json'), 'utf8')) as Record<string, string[][]>,
);

/** A small project that keeps every rule. */
const CLEAN = {
  ...Object.fromEntries(
    LAYERS.flatMap(([root, layers]) => layers.flat().map((folder) => join(root, folder, 'clean.ts'))).map(
      (file) => [file, importing(file, 'core/plan', 'plan')],
    ),
  ),
  'core/plan.ts': 'export const plan = 1;\nexport type Plan = number;',
  'core/shard.ts': "import { plan } from './plan.js';\nexport const shard = plan;",
  'engine/store/store.ts':
    "import fs from 'node:fs';\nimport zod from 'zod';\nimport { shard } from '../../core/shard.js';\nexport const store = [fs, zod, shard];",
  'local/run.ts': "import { store } from '../engine/store/store.js';\nexport const run = store;",
  'activities/embed.ts':
    "import activity from '@temporalio/activity';\nimport common from '@temporalio/common';\nimport { store } from '../engine/store/store.js';\nexport const embed = [activity, common, store];\nexport type Embed = number;",
  'workflows/job.ts':
    "import workflow from '@temporalio/workflow';\nimport type { Embed } from '../activities/embed.js';\nimport { plan } from '../core/plan.js';\nexport const job = [workflow, plan] as unknown as Embed;",
  'workers/worker.ts':
    "import worker from '@temporalio/worker';\nimport { embed } from '../activities/embed.js';\nexport const run = [worker, embed];",
  'cli/commands/worker.ts': "import { run } from '../../workers/worker.js';\nexport const command = run;",
  'cli/main.ts':
    "import client from '@temporalio/client';\nimport { store } from '../engine/store/store.js';\nimport { run } from '../local/run.js';\nimport { command } from './commands/worker.js';\nexport const main = [client, store, run, command];",
  'api/index.ts':
    "import { store } from '../engine/store/store.js';\nimport { run } from '../local/run.js';\nexport const open = [store, run];",
  'infra/up.ts':
    "import client from '@temporalio/client';\nimport { store } from '../engine/store/store.js';\nexport const up = [client, store];",
  'bench/speed.ts': "import { store } from '../engine/store/store.js';\nexport const speed = store;",
  'test/main.test.ts': "import 'vitest';\nimport '../cli/main.js';\nimport '../workers/worker.js';",
};

/** Pairs of a rule and a file that breaks it. Every rule of the configuration has at least one. */
const PLANTED: readonly [rule: string, file: string, text: string][] = [
  ['core-is-pure', 'core/bad-builtin.ts', "import fs from 'node:fs';\nexport const a = fs;"],
  ['core-is-pure', 'core/bad-package.ts', "import zod from 'zod';\nexport const a = zod;"],
  ['core-is-pure', 'core/bad-type.ts', "import type { z } from 'zod';\nexport type A = z;"],
  [
    'core-is-pure',
    'core/bad-room.ts',
    "import { store } from '../engine/store/store.js';\nexport const a = store;",
  ],
  [
    'engine-knows-no-temporal',
    'engine/bad-package.ts',
    "import a from '@temporalio/activity';\nexport const b = a;",
  ],
  [
    'engine-knows-no-temporal',
    'engine/bad-room.ts',
    "import { embed } from '../activities/embed.js';\nexport const b = embed;",
  ],
  ['local-executes', 'local/bad-package.ts', "import a from '@temporalio/client';\nexport const b = a;"],
  ['local-executes', 'local/bad-zod.ts', "import zod from 'zod';\nexport const a = zod;"],
  [
    'workflow-values',
    'workflows/bad-value.ts',
    "import { embed } from '../activities/embed.js';\nexport const a = embed;",
  ],
  ['workflow-values', 'workflows/bad-builtin.ts', "import fs from 'node:fs';\nexport const a = fs;"],
  ['workflow-values', 'workflows/bad-package.ts', "import zod from 'zod';\nexport const a = zod;"],
  [
    'workflow-types',
    'workflows/bad-type.ts',
    "import type { store } from '../engine/store/store.js';\nexport type A = typeof store;",
  ],
  ['activities-are-thin', 'activities/bad-package.ts', "import zod from 'zod';\nexport const a = zod;"],
  [
    'activities-are-thin',
    'activities/bad-room.ts',
    "import { run } from '../workers/worker.js';\nexport const a = run;",
  ],
  [
    'workers-compose',
    'workers/bad-room.ts',
    "import { job } from '../workflows/job.js';\nexport const a = job;",
  ],
  [
    'workers-compose',
    'workers/bad-package.ts',
    "import client from '@temporalio/client';\nexport const a = client;",
  ],
  [
    'cli-is-a-client',
    'cli/bad-room.ts',
    "import { run } from '../workers/worker.js';\nexport const a = run;",
  ],
  [
    'cli-is-a-client',
    'cli/bad-package.ts',
    "import worker from '@temporalio/worker';\nexport const a = worker;",
  ],
  [
    'worker-command-starts-workers',
    'cli/commands/worker.ts',
    "import { embed } from '../../activities/embed.js';\nexport const command = embed;",
  ],
  ['api-offers-the-engine', 'api/bad-package.ts', "import a from '@temporalio/client';\nexport const b = a;"],
  [
    'infra-is-outside',
    'infra/bad-room.ts',
    "import { run } from '../workers/worker.js';\nexport const a = run;",
  ],
  [
    'bench-times-the-engine',
    'bench/bad-room.ts',
    "import { run } from '../workers/worker.js';\nexport const a = run;",
  ],
  [
    'nothing-imports-the-edges',
    'workers/bad-edge.ts',
    "import { main } from '../cli/main.js';\nexport const a = main;",
  ],
  ['nothing-imports-the-edges', 'engine/bad-edge.ts', "import '../test/main.test.js';"],
  [
    'one-door-to-onnx-runtime',
    'engine/bad-runtime.ts',
    "import runtime from 'onnxruntime-node';\nexport const a = runtime;",
  ],
  [
    'engine-folders-have-a-layer',
    'engine/store/bad-loose.ts',
    importing('engine/store/bad', 'engine/loose', 'a'),
  ],
  [
    'engine-folders-have-a-layer',
    'engine/store/bad-folder.ts',
    importing('engine/store/bad', 'engine/unlisted/b', 'b'),
  ],
  ...LAYERS.flatMap(([root, layers]) =>
    layers.flatMap((layer, level) =>
      layer.flatMap((folder) => {
        const others = layers
          .slice(level)
          .flat()
          .filter((other) => other !== folder);
        const file = join(root, folder, `bad-${basename(root)}.ts`);
        return others.slice(0, 1).map((other): (typeof PLANTED)[number] => {
          const text = importing(file, join(root, other, 'clean'), 'plan');
          return [`layer-of-${root}/${folder}`, file, text];
        });
      }),
    ),
  ),
  ['no-cycle', 'core/bad-one.ts', "import { two } from './bad-two.js';\nexport const one = () => two;"],
  [
    'no-cycle',
    'core/bad-type-one.ts',
    "import type { Two } from './bad-type-two.js';\nexport type One = Two | 1;",
  ],
  ['no-orphan', 'core/bad-orphan.ts', 'export const alone = 1;'],
  [
    'no-development-package',
    'engine/bad-development.ts',
    "import vitest from 'vitest';\nexport const a = vitest;",
  ],
  ['no-unknown-import', 'engine/bad-unknown.ts', "import { gone } from './gone.js';\nexport const a = gone;"],
  [
    'no-undeclared-package',
    'engine/bad-undeclared.ts',
    "import hidden from 'undeclared';\nexport const a = hidden;",
  ],
];

/** The files that the planted files import. A cycle is reported for one of its modules. */
const IMPORTED = {
  'engine/loose.ts': 'export const a = 1;',
  'engine/unlisted/b.ts': 'export const b = 1;',
  'core/bad-type-two.ts': "import type { One } from './bad-type-one.js';\nexport type Two = One | 2;",
  'core/bad-two.ts': "import { one } from './bad-one.js';\nexport const two = () => one;",
};

interface Violation {
  rule: { name: string };
  from: string;
}

const PACKAGES = [
  'zod',
  'onnxruntime-node',
  ...['activity', 'client', 'common', 'worker', 'workflow'].map((name) => `@temporalio/${name}`),
];

let planted: string[];

beforeAll(() => {
  const files = PLANTED.map(([, file, text]) => [file, text] as const);
  planted = violationsOf({ ...CLEAN, ...IMPORTED, ...Object.fromEntries(files) });
});

test('a project that keeps the rules passes', () => {
  expect(violationsOf(CLEAN)).toEqual([]);
});

test.each(PLANTED)('%s catches %s', (rule, file) => {
  expect(planted).toContain(`${rule}: ${file}`);
});

test('every rule of the configuration has a violation planted here', () => {
  const names = new Set(PLANTED.map(([rule]) => rule));
  expect(configuration.forbidden.map((rule) => rule.name).filter((name) => !names.has(name))).toEqual([]);
});

/** Returns the text of a file at the path `from` that imports `name` of another. */
function importing(from: string, other: string, name: string): string {
  const path = relative(dirname(from), other);
  return `import { ${name} } from '${path.startsWith('.') ? path : `./${path}`}.js';\nexport const imported = ${name};`;
}

/**
 * Returns `rule: file` for every violation that the project's own configuration finds in these
 * files.
 */
function violationsOf(files: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'vectormill-rooms-'));
  try {
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    for (const name of [...PACKAGES, 'vitest', 'undeclared']) {
      write(
        `node_modules/${name}/package.json`,
        JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
      );
      write(`node_modules/${name}/index.js`, 'module.exports = {};');
    }
    const dependencies = Object.fromEntries(PACKAGES.map((name) => [name, '1.0.0']));
    write(
      'package.json',
      JSON.stringify({ type: 'module', dependencies, devDependencies: { vitest: '1.0.0' } }),
    );
    for (const name of ['.dependency-cruiser.cjs', 'engine/layers.json', 'tsconfig.json'])
      cpSync(join(project, name), join(folder, name));
    for (const [path, text] of Object.entries(files)) write(path, text);

    const command = join(project, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [command, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...ROOMS],
      { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    if (!stdout.startsWith('{')) throw new Error(stderr || stdout);
    const { summary } = JSON.parse(stdout) as { summary: { violations: Violation[]; totalCruised: number } };
    // If the cruise did not see TypeScript, it would not find anything wrong with it.
    expect(summary.totalCruised).toBeGreaterThanOrEqual(Object.keys(files).length);
    return summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
