import { type LiveFile, liveFilesOf, liveKeysOf } from '../../engine/version/live-files.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';
import type { FileSystem } from './file-system.js';
import { pythonText } from './python-text.js';

/**
 * Yields a Python script that reads the live rows of a version with Polars: the columns of its
 * chunks, and `vector`. The version must have rows.
 */
export function* polarsScript(version: ReadableVersion, fileSystem: FileSystem): Generator<string> {
  const { dataset, version: name } = version.location;
  const { root } = version.store;
  const keyText = ({ uri }: LiveFile) => pythonText(uri.slice(root.length + 1));
  yield `# The live rows of ${dataset}@${name}.
import polars

ROOT = ${pythonText(fileSystem.kind === 'local' ? `${fileSystem.folder}/` : `${root}/`)}
CHUNK_FILES = [
`;
  for (const { chunks } of liveFilesOf(version)) yield `    ${keyText(chunks)},\n`;
  yield ']\nVECTOR_FILES = [\n';
  for (const { vectors } of liveFilesOf(version)) yield `    ${keyText(vectors)},\n`;
  yield ']\n# The first and the last key of each range of live rows.\nLIVE_KEYS = [\n';
  for (const { firstKey, lastKey } of liveKeysOf(version)) yield `    (${firstKey}, ${lastKey}),\n`;
  yield `]


def scan(keys):
    return polars.scan_parquet(
        [ROOT + key for key in keys],
        glob=False,
        hive_partitioning=False,
        storage_options=${storageOptions(fileSystem)},
    )


ranges = polars.LazyFrame(
    LIVE_KEYS,
    schema={"first_key": polars.UInt64, "last_key": polars.UInt64},
    orient="row",
)
live = (
    scan(CHUNK_FILES)
    .join_where(
        ranges,
        polars.col("row_key") >= polars.col("first_key"),
        polars.col("row_key") <= polars.col("last_key"),
    )
    .drop("first_key", "last_key")
    .join(scan(VECTOR_FILES).select("row_key", "vector"), on="row_key")
)

if __name__ == "__main__":
    print(live.collect())
`;
}

function storageOptions(fileSystem: FileSystem): string {
  if (fileSystem.kind === 'local') return 'None';
  const { region, endpoint } = fileSystem;
  const options = {
    ...(region !== undefined && { aws_region: region }),
    ...(endpoint && { aws_endpoint_url: `${endpoint.scheme}://${endpoint.host}` }),
    ...(endpoint?.scheme === 'http' && { aws_allow_http: 'true' }),
  };
  const entries = Object.entries(options).map(([name, value]) => `"${name}": ${pythonText(value)}`);
  return `{${entries.join(', ')}}`;
}
