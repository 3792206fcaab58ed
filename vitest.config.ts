import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * Tests of code that computes its results from its arguments and keeps no state: plans, texts, and
 * files in a folder of the test's own. They share processes, so that the engine is loaded once for
 * all of them and not once for each file. Every other file has a process of its own, because it
 * touches the environment, processes, servers, caches or models.
 */
const SHARED = [
  'test/core/**/*.test.ts',
  'test/engine/{chunking,concurrency,corpus,encryption,evaluation,files,job,schedule,steps,tokenizer,verify,version}/**/*.test.ts',
  // Without those that start processes, set variables, load a package that defines globals, or use
  // the cache.
  'test/engine/index/!(on-s3).test.ts',
  'test/engine/mining/!(datasets).test.ts',
  'test/engine/model/{auto-tokenizer,cross-encoder,distill,export,find,folder,http,static}/*.test.ts',
  'test/engine/model/onnx/!(half-precision).test.ts',
  'test/engine/model/session/!(no-telemetry).test.ts',
  'test/engine/model/transformer/!(int8).test.ts',
  'test/engine/parquet/!(interop|parquetjs).test.ts',
  'test/engine/search/!(lexical-index|lexical-segments).test.ts',
  'test/engine/store/!(file-store).test.ts',
];

const common = {
  pool: 'forks',
  testTimeout: 120_000,
  hookTimeout: 120_000,
  env: {
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    // Commands that tests start print lines for a reader who did not come by way of `npx vitest`.
    npm_command: '',
  },
} as const;

/** The threads that tests start run from compiled files. */
const resolve = {
  alias: [
    {
      find: /^.*\/thread-entry\.js$/,
      replacement: fileURLToPath(new URL('test/support/thread-entry.ts', import.meta.url)),
    },
  ],
};

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    // One more than two cores, because many tests wait for servers or for the heartbeat of a killed
    // worker.
    maxWorkers: 3,
    projects: [
      { resolve, test: { ...common, name: 'isolated', include: ['test/**/*.test.ts'], exclude: SHARED } },
      {
        resolve,
        test: {
          ...common,
          name: 'shared',
          include: SHARED,
          isolate: false,
          setupFiles: ['test/support/shared-process.ts'],
        },
      },
    ],
    // `.ci/run` counts the tests in the JSON report.
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: '.vectormill/test-results.json' },
  },
});
