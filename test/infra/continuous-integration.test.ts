import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vectormill-ci-'));
  cpSync(fileURLToPath(new URL('../../.ci', import.meta.url)), join(folder, '.ci'), { recursive: true });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/**
 * One entry for each file: the states of its tests, and its own state where that does not follow
 * from theirs.
 */
type Files = { tests: string[]; status?: string }[];

interface Outcome {
  checkCode?: number;
  testCode?: number;
  files?: Files;
  /** The runs on other Nodes. A run that is not given here has one passed test. */
  nodes?: Readonly<Record<string, { code: number; files?: Files }>>;
}

/** The lines of Node that `.ci/run` names. */
const OTHER_NODES = ['22', '24'];

/**
 * Runs the real script with a `make` that produces this outcome. Returns its exit code and the last
 * lines that it printed.
 */
function runWith({ checkCode = 0, testCode = 0, files, nodes = {} }: Outcome) {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const run = (name: string, code: number, own: Files | undefined) => {
    if (own) writeFileSync(join(folder, `${name}.json`), reportOf(own));
    const leave = own
      ? `mkdir -p .vectormill && cp ./${name}.json .vectormill/test-results${name}.json`
      : ':';
    return `${leave}; exit ${code}`;
  };
  const others = OTHER_NODES.map((node) => {
    const { code, files: own } = nodes[node] ?? { code: 0, files: [{ tests: ['passed'] }] };
    return `"test-node NODE=${node}") ${run(`-node-${node}`, code, own)} ;;`;
  });
  writeFileSync(
    join(folder, 'bin', 'make'),
    `#!/bin/sh
[ "$CI" = true ] || exit 90
case "$*" in
check) exit ${checkCode} ;;
test) ${run('', testCode, files)} ;;
${others.join('\n')}
*) exit 91 ;;
esac
`,
  );
  chmodSync(join(folder, 'bin', 'make'), 0o755);
  const { status, stdout } = spawnSync(join(folder, '.ci', 'run'), {
    encoding: 'utf8',
    env: { ...process.env, CI: '', PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
  });
  const lines = stdout.trimEnd().split('\n');
  return { code: status, last: lines.at(-1) ?? '', before: lines.slice(0, -1) };
}

function reportOf(files: Files): string {
  const testResults = files.map(({ tests, status }) => ({
    status: status ?? (tests.includes('failed') ? 'failed' : 'passed'),
    assertionResults: tests.map((state) => ({ status: state })),
  }));
  return JSON.stringify({ testResults });
}

test('all passed: the last line counts the tests of every run, and the exit code is 0', () => {
  const files = [{ tests: ['passed', 'passed'] }, { tests: ['passed'] }];
  expect(runWith({ files })).toMatchObject({ code: 0, last: '5 passed, 0 failed' });
});

test('skipped and planned tests are counted apart', () => {
  const files = [{ tests: ['passed', 'pending', 'todo', 'skipped'] }];
  expect(runWith({ files })).toMatchObject({ code: 0, last: '3 passed, 0 failed, 3 skipped' });
});

test('a failed test fails the run', () => {
  const files = [{ tests: ['passed', 'failed'] }];
  expect(runWith({ files, testCode: 1 })).toMatchObject({ code: 1, last: '3 passed, 1 failed' });
});

test('a test file that cannot be loaded counts as a failure', () => {
  const files = [{ tests: ['passed'] }, { tests: [], status: 'failed' }];
  expect(runWith({ files, testCode: 1 })).toMatchObject({ code: 1, last: '3 passed, 1 failed' });
});

test('a failed check counts as a failure though every test passed', () => {
  const outcome = runWith({ files: [{ tests: ['passed'] }], checkCode: 2 });
  expect(outcome).toMatchObject({ code: 1, last: '3 passed, 1 failed' });
});

test('a run that dies after its tests passed counts as a failure', () => {
  const outcome = runWith({ files: [{ tests: ['passed'] }], testCode: 2 });
  expect(outcome).toMatchObject({ code: 1, last: '3 passed, 1 failed' });
});

test('a run without results counts as a failure, whatever an earlier one left', () => {
  runWith({ files: [{ tests: ['passed'] }] });
  expect(runWith({ testCode: 2 })).toMatchObject({ code: 1, last: '2 passed, 1 failed' });
});

test('a run that says it went well but left no results fails', () => {
  expect(runWith({})).toMatchObject({ code: 1, last: '2 passed, 1 failed' });
});

test('a test that fails on another Node alone fails the run, which names that Node', () => {
  const files = [{ tests: ['passed'] }];
  const nodes = { '24': { code: 1, files: [{ tests: ['passed', 'failed'] }] } };
  const { code, last, before } = runWith({ files, nodes });
  expect([code, last]).toEqual([1, '3 passed, 1 failed']);
  expect(before.filter((line) => line.startsWith('Node '))).toEqual([expect.stringMatching(/^Node 24: /)]);
});

test('a Node that cannot be fetched counts as a failure by name, whatever an earlier run left', () => {
  const files = [{ tests: ['passed'] }];
  runWith({ files });
  const { code, last, before } = runWith({ files, nodes: { '22': { code: 1 } } });
  expect([code, last]).toEqual([1, '2 passed, 1 failed']);
  expect(before.filter((line) => line.startsWith('Node '))).toEqual([expect.stringMatching(/^Node 22: /)]);
});
