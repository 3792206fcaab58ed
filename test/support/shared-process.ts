import { afterAll, expect } from 'vitest';

/**
 * Runs around every test file of the project `shared` (vitest.config.ts), whose files run one after
 * the other in the same processes: a file that leaves the process other than it found it fails, and
 * not whichever comes after it.
 */
const before = stateOfProcess();

/**
 * The changes that loading a package leaves in a process for good: the AWS SDK, and our switch for
 * the telemetry of onnxruntime.
 */
const LEFT_BY_LOADING = new Set(['awslambda', 'process.env.ORT_DISABLE_TELEMETRY']);

afterAll(() => {
  const after = stateOfProcess();
  const names = new Set([...before.keys(), ...after.keys()]);
  const changed = [...names].filter(
    (name) => !Object.is(before.get(name), after.get(name)) && !LEFT_BY_LOADING.has(name),
  );
  expect(changed, 'what this file changed in the process that it shares with others').toEqual([]);
});

/** Returns everything that a test file can change for those that follow it, by a name to report. */
function stateOfProcess(): Map<string, unknown> {
  const variables = Object.keys(process.env).map(
    (name) => [`process.env.${name}`, process.env[name]] as const,
  );
  const events = process.eventNames();
  const listeners = events.map(
    (name) => [`listeners of ${String(name)}`, process.listenerCount(name)] as const,
  );
  // Names that begin with `__` are Vitest's own.
  const names = Object.getOwnPropertyNames(globalThis).filter((name) => !name.startsWith('__'));
  const globals = names.map((name) => [name, Reflect.get(globalThis, name) as unknown] as const);
  return new Map<string, unknown>([
    ['process.cwd()', process.cwd()],
    ['process.exitCode', process.exitCode],
    ...variables,
    ...listeners,
    ...globals,
  ]);
}
