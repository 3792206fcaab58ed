/**
 * The tests that also run on each line of Node other than the one that runs all tests (`.ci/run`
 * names the lines). They cover the places where a release of Node can change what our code does.
 * Plans, numbers and texts are plain JavaScript, which all releases run alike. The keys are folders
 * or files, and the values say what each of them touches. All together take a few minutes for each
 * Node.
 */
export const TESTS_ON_OTHER_NODES: Readonly<Record<string, string>> = {
  'test/engine/model/export':
    'the runtime: tensors of every type from one session to another, half precision among them',
  'test/engine/model/transformer/onnx-embedder.test.ts':
    'the runtime: sessions in worker threads, arrays that change hands',
  'test/engine/model/session/session-pool.test.ts': 'worker threads that end, fail and are closed',
  'test/engine/model/onnx/half-precision.test.ts': 'the runtime: products in half precision',
  'test/engine/model/session/execution-provider.test.ts':
    "the runtime: what it computes on, and the system's loader",
  'test/engine/model/session/no-telemetry.test.ts':
    'the runtime: the environment of threads and of the library',
  'test/engine/model/folder/safetensors.test.ts': 'files: reads at places that a file names',
  'test/engine/model/http': 'HTTP: agents, timeouts, bodies that are cut off',
  'test/engine/model/fetch-by-proxy.test.ts': "HTTP by a proxy, with another `fetch` than Node's own",
  'test/engine/tokenizer': 'the native tokenizer',
  'test/engine/index/usearch.test.ts': 'the native index',
  'test/engine/index/damaged-graphs.test.ts': 'files: reads at places that a file names',
  'test/engine/index/search-index.test.ts': 'WebAssembly, mapped files and threads',
  'test/engine/files/read-bytes.test.ts': 'files: reads at places that a file names',
  'test/engine/store': 'files, locks, and HTTP to S3',
  'test/engine/corpus': "streams and zlib's formats",
  'test/engine/parquet': 'WebAssembly, and typed arrays of every kind',
  'test/workers': 'the native bridge to Temporal',
  'test/workflows/replay.test.ts': 'the sandbox of workflows, in a context of its own',
  'test/workflows/embed-job.test.ts': 'the same on a server: timers, cancellation, signals',
  'test/cli': 'the command: what it prints, its exit codes, signals',
  'test/infra': 'child processes, ports, signals, and the package as npm installs it',
  'test/docs/copied-commands.test.ts': 'what a newcomer types',
};
