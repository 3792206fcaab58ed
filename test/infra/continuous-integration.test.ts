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

interface Outcome {
  checkCode?: number;
  testCode?: number;
  /** One entry a file: its tests' states, and the file's own when that is not theirs. */
  files?: { tests: string[]; status?: string }[];
}

/** Runs the real script over a `make` that leaves this outcome behind, and gives its exit code and last line. */
function runWith({ checkCode = 0, testCode = 0, files }: Outcome): { code: number | null; last: string } {
  const testResults = files?.map(({ tests, status }) => ({
    status: status ?? (tests.includes('failed') ? 'failed' : 'passed'),
    assertionResults: tests.map((state) => ({ status: state })),
  }));
  writeFileSync(join(folder, 'report.json'), JSON.stringify({ testResults }));
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(
    join(folder, 'bin', 'make'),
    `#!/bin/sh
[ "$CI" = true ] || exit 90
if [ "$1" = check ]; then exit ${checkCode}; fi
${files ? 'mkdir -p .vectormill && cp report.json .vectormill/test-results.json' : ''}
exit ${testCode}
`,
  );
  chmodSync(join(folder, 'bin', 'make'), 0o755);
  const { status, stdout } = spawnSync(join(folder, '.ci', 'run'), {
    encoding: 'utf8',
    env: { ...process.env, CI: '', PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
  });
  return { code: status, last: stdout.trimEnd().split('\n').at(-1) ?? '' };
}

test('all passed: the last line counts them and the exit code is 0', () => {
  const files = [{ tests: ['passed', 'passed'] }, { tests: ['passed'] }];
  expect(runWith({ files })).toEqual({ code: 0, last: '3 passed, 0 failed' });
});

test('skipped and planned tests are counted apart', () => {
  const files = [{ tests: ['passed', 'pending', 'todo', 'skipped'] }];
  expect(runWith({ files })).toEqual({ code: 0, last: '1 passed, 0 failed, 3 skipped' });
});

test('a failed test fails the run', () => {
  const files = [{ tests: ['passed', 'failed'] }];
  expect(runWith({ files, testCode: 1 })).toEqual({ code: 1, last: '1 passed, 1 failed' });
});

test('a test file that cannot be loaded counts as a failure', () => {
  const files = [{ tests: ['passed'] }, { tests: [], status: 'failed' }];
  expect(runWith({ files, testCode: 1 })).toEqual({ code: 1, last: '1 passed, 1 failed' });
});

test('a failed check counts as a failure though every test passed', () => {
  expect(runWith({ files: [{ tests: ['passed'] }], checkCode: 2 })).toEqual({
    code: 1,
    last: '1 passed, 1 failed',
  });
});

test('a run that dies after its tests passed counts as a failure', () => {
  expect(runWith({ files: [{ tests: ['passed'] }], testCode: 2 })).toEqual({
    code: 1,
    last: '1 passed, 1 failed',
  });
});

test('a run without results counts as a failure, whatever an earlier one left', () => {
  runWith({ files: [{ tests: ['passed'] }] });
  expect(runWith({ testCode: 2 })).toEqual({ code: 1, last: '0 passed, 1 failed' });
});

test('a run that says it went well but left no results fails', () => {
  expect(runWith({})).toEqual({ code: 1, last: '0 passed, 1 failed' });
});
