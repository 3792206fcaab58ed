import { VectormillError } from '../../core/errors.js';
import { liveFilesOf, liveKeysOf } from '../../engine/version/live-files.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';
import type { FileSystem } from './file-system.js';

/**
 * Yields an SQL query for DuckDB that reads the live rows of a version: the columns of its chunks,
 * and `vector`. The version must have rows. Errors: USAGE for a path that DuckDB cannot read.
 */
export function* duckdbQuery(version: ReadableVersion, fileSystem: FileSystem): Generator<string> {
  yield `-- The live rows of ${version.location.dataset}@${version.location.version}.\n`;
  if (fileSystem.kind === 's3') yield secret(fileSystem);
  yield 'WITH live (first_key, last_key) AS (VALUES\n';
  let separator = '  ';
  for (const { firstKey, lastKey } of liveKeysOf(version)) {
    yield `${separator}(${firstKey}::UBIGINT, ${lastKey}::UBIGINT)`;
    separator = ',\n  ';
  }
  yield '\n)\nSELECT chunks.*, vectors.vector\nFROM ';
  yield* readParquet(
    fileSystem,
    map(liveFilesOf(version), ({ chunks }) => chunks.uri),
  );
  yield ' AS chunks\nJOIN live ON chunks.row_key BETWEEN live.first_key AND live.last_key\nJOIN ';
  yield* readParquet(
    fileSystem,
    map(liveFilesOf(version), ({ vectors }) => vectors.uri),
  );
  yield ' AS vectors ON vectors.row_key = chunks.row_key;\n';
}

function* readParquet({ kind }: FileSystem, uris: Iterable<string>): Generator<string> {
  yield 'read_parquet([\n';
  let separator = '  ';
  for (const uri of uris) {
    const place = kind === 'local' ? uri.slice('file://'.length) : uri;
    yield `${separator}${sqlText(exactly(place, kind))}`;
    separator = ',\n  ';
  }
  yield '\n], hive_partitioning = false)';
}

/** Returns statements with which DuckDB reads S3 by the credentials of its own surroundings. */
function secret({ bucket, region, endpoint }: FileSystem & { kind: 's3' }): string {
  const settings = [
    'TYPE s3',
    'PROVIDER credential_chain',
    `SCOPE ${sqlText(`s3://${bucket}`)}`,
    ...(region === undefined ? [] : [`REGION ${sqlText(region)}`]),
    ...(endpoint
      ? [`ENDPOINT ${sqlText(endpoint.host)}`, `URL_STYLE 'path'`, `USE_SSL ${endpoint.scheme === 'https'}`]
      : []),
  ];
  return `INSTALL httpfs;\nLOAD httpfs;\nINSTALL aws;\nLOAD aws;\nCREATE OR REPLACE SECRET vectormill (${settings.join(', ')});\n`;
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * Returns a place that DuckDB does not take for a pattern of several places. In a pattern of local
 * files, it takes a backslash for a slash; on S3, it reads no backslash, and a question mark begins
 * parameters. Errors: USAGE.
 */
function exactly(place: string, kind: FileSystem['kind']): string {
  const escaped = place.replace(/[*?[]/g, '[$&]');
  const isReadable = kind === 's3' ? !/[?\\]/.test(place) : escaped === place || !place.includes('\\');
  if (isReadable) return escaped;
  const why = kind === 's3' ? 'a backslash or `?`' : 'a backslash beside `*`, `?` or `[`';
  throw new VectormillError('USAGE', `DuckDB cannot read ${place}, because of ${why}`, {
    component: 'cli',
    file: place,
    remedy: 'Give --query pyarrow or polars, or `vectormill export` the version to another place.',
  });
}

function* map<From, To>(values: Iterable<From>, of: (value: From) => To): Generator<To> {
  for (const value of values) yield of(value);
}
