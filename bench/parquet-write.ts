/**
 * Times writers of a vector file with 50,000 rows of a uint64 key and 384 normalised floats. Every
 * writer that is found runs in this one run, and ratios are to our own profile. Rows and dimensions
 * may be given as arguments. pyarrow is timed where the interop venv exists, and hyparquet-writer
 * where NODE_PATH leads to it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeData, RecordBatch, Schema, Struct, Table, tableToIPC } from 'apache-arrow';
import { uint64Column, vectorColumn } from '../engine/parquet/columns.js';
import { writeParquetFile } from '../engine/parquet/parquet-file.js';
import { withParquetWasm } from '../engine/parquet/wasm-instance.js';

/** The part of parquetjs-lite that is timed. The package has no types of its own. */
interface ParquetJs {
  ParquetSchema: new (fields: Record<string, object>) => object;
  ParquetWriter: {
    openFile(
      schema: object,
      path: string,
    ): Promise<{ appendRow(row: object): Promise<void>; close(): Promise<void> }>;
  };
}

/**
 * The CPU seconds of the fastest run, which other work on the machine does not increase, and the
 * bytes written.
 */
interface Timing {
  seconds: number;
  bytes: number;
}

const require = createRequire(import.meta.url);
const rows = Number(process.argv[2] ?? 50_000);
const dimensions = Number(process.argv[3] ?? 384);
const vectors = normalisedVectors();
const columns = [
  uint64Column(
    'row_key',
    BigUint64Array.from({ length: rows }, (_, row) => BigInt(row)),
  ),
  vectorColumn('vector', vectors, dimensions),
];
const folder = mkdtempSync(join(tmpdir(), 'vectormill-bench-'));
try {
  await report();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function report(): Promise<void> {
  const timings = new Map<string, Timing | undefined>();
  timings.set('vectormill (parquet-wasm, its profile)', await fastest(5, ourProfile));
  for (const codec of ['UNCOMPRESSED', 'SNAPPY', 'LZ4_RAW', 'ZSTD'] as const)
    timings.set(`parquet-wasm, library defaults, ${codec}`, await fastest(5, () => libraryDefaults(codec)));
  timings.set('parquet-wasm, byte-stream-split, ZSTD', await fastest(5, byteStreamSplit));
  timings.set('pyarrow, plain, SNAPPY', pyarrow('snappy'));
  timings.set('pyarrow, plain, ZSTD', pyarrow('zstd'));
  timings.set('hyparquet-writer, SNAPPY', await hyparquetWriter());
  timings.set('parquetjs-lite, SNAPPY', await fastest(1, parquetjs));
  const base = [...timings.values()][0]!.seconds;
  console.log(
    `${rows} rows × ${dimensions} floats, ${((rows * dimensions * 4) / 1e6).toFixed(1)} MB of floats\n`,
  );
  console.log('| writer | CPU seconds | ratio | MB |\n| --- | ---: | ---: | ---: |');
  for (const [name, timing] of timings) {
    const cells = timing
      ? [timing.seconds.toFixed(2), (timing.seconds / base).toFixed(1), (timing.bytes / 1e6).toFixed(1)]
      : ['not installed', '', ''];
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}

async function fastest(runs: number, write: () => number | Promise<number>): Promise<Timing> {
  let seconds = Number.POSITIVE_INFINITY;
  let bytes = 0;
  for (let run = 0; run < runs; run += 1) {
    const start = process.cpuUsage();
    bytes = await write();
    const { user, system } = process.cpuUsage(start);
    seconds = Math.min(seconds, (user + system) / 1e6);
  }
  return { seconds, bytes };
}

function ourProfile(): number {
  return writeParquetFile(columns, { format: 'bench/1', footer: {}, keyColumns: ['row_key'] }).byteLength;
}

function libraryDefaults(codec: 'UNCOMPRESSED' | 'SNAPPY' | 'LZ4_RAW' | 'ZSTD'): number {
  const stream = ipcStream();
  return withParquetWasm((wasm) => {
    const builder = new wasm.WriterPropertiesBuilder().setCompression(wasm.Compression[codec]);
    return wasm.writeParquet(wasm.Table.fromIPCStream(stream), builder.build()).byteLength;
  });
}

/**
 * This encoding can be chosen for the floats only by a global setting. Every other column must then
 * be set back by name.
 */
function byteStreamSplit(): number {
  const stream = ipcStream();
  return withParquetWasm((wasm) => {
    const builder = new wasm.WriterPropertiesBuilder()
      .setCompression(wasm.Compression.ZSTD)
      .setDictionaryEnabled(false)
      .setEncoding(wasm.Encoding.BYTE_STREAM_SPLIT)
      .setColumnEncoding('row_key', wasm.Encoding.PLAIN);
    return wasm.writeParquet(wasm.Table.fromIPCStream(stream), builder.build()).byteLength;
  });
}

function ipcStream(): Uint8Array {
  const schema = new Schema(columns.map(({ field }) => field));
  const children = columns.map(({ data }) => data);
  const data = makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children });
  return tableToIPC(new Table(schema, [new RecordBatch(schema, data)]), 'stream');
}

async function parquetjs(): Promise<number> {
  const { ParquetSchema, ParquetWriter } = require('parquetjs-lite') as ParquetJs;
  const path = join(folder, 'parquetjs.parquet');
  const schema = new ParquetSchema({
    row_key: { type: 'UINT_64', compression: 'SNAPPY' },
    vector: { type: 'FLOAT', repeated: true, compression: 'SNAPPY' },
  });
  const writer = await ParquetWriter.openFile(schema, path);
  for (let row = 0; row < rows; row += 1) await writer.appendRow({ row_key: row, vector: vectorOf(row) });
  await writer.close();
  return statSync(path).size;
}

async function hyparquetWriter(): Promise<Timing | undefined> {
  let path: string;
  try {
    path = require.resolve('hyparquet-writer');
  } catch {
    return undefined;
  }
  const { parquetWriteBuffer } = await import(pathToFileURL(path).href);
  const schema = [
    { name: 'root', num_children: 2 },
    { name: 'row_key', type: 'INT64', converted_type: 'UINT_64', repetition_type: 'REQUIRED' },
    { name: 'vector', converted_type: 'LIST', repetition_type: 'REQUIRED', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
  ];
  const keys = Array.from({ length: rows }, (_, row) => BigInt(row));
  return fastest(1, () => {
    const lists = Array.from({ length: rows }, (_, row) => vectorOf(row));
    const columnData = [
      { name: 'row_key', data: keys },
      { name: 'vector', data: lists, encoding: 'PLAIN' },
    ];
    return parquetWriteBuffer({ columnData, schema, codec: 'SNAPPY', statistics: false }).byteLength;
  });
}

function pyarrow(codec: 'snappy' | 'zstd'): Timing | undefined {
  const cache =
    process.env.VECTORMILL_CACHE ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vectormill');
  const python = join(cache, 'venv-interop', 'bin', 'python');
  if (!existsSync(python)) return undefined;
  const script = `
import io, sys, time, numpy, pyarrow, pyarrow.parquet
rows, dimensions, codec = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
vectors = numpy.random.default_rng(0).standard_normal((rows, dimensions), dtype=numpy.float32)
vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
lists = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(vectors.reshape(-1)), dimensions)
table = pyarrow.table({"row_key": pyarrow.array(numpy.arange(rows, dtype=numpy.uint64)), "vector": lists})
best = float("inf")
for _ in range(5):
    sink, start = io.BytesIO(), time.process_time()
    pyarrow.parquet.write_table(table, sink, compression=codec, use_dictionary=False)
    best = min(best, time.process_time() - start)
print(best, sink.tell())`;
  const output = execFileSync(python, ['-c', script, `${rows}`, `${dimensions}`, codec], {
    encoding: 'utf8',
  });
  const [seconds, bytes] = output.trim().split(' ').map(Number);
  return { seconds: seconds!, bytes: bytes! };
}

function vectorOf(row: number): number[] {
  return Array.from(vectors.subarray(row * dimensions, (row + 1) * dimensions));
}

/** Returns normal deviates by Box and Muller from a fixed seed. Each row is scaled to length 1. */
function normalisedVectors(): Float32Array {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  const values = new Float32Array(rows * dimensions).map(
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
  for (let row = 0; row < rows; row += 1) {
    const vector = values.subarray(row * dimensions, (row + 1) * dimensions);
    const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    for (const [column, value] of vector.entries()) vector[column] = value / norm;
  }
  return values;
}
