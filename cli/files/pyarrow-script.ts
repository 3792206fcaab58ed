import { liveFilesOf } from '../../engine/version/live-files.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';
import type { FileSystem } from './file-system.js';
import { pythonText } from './python-text.js';

/**
 * Yields a Python script that reads the live rows of a version with pyarrow, one part at a time:
 * the columns of its chunks, and `vector`.
 */
export function* pyarrowScript(version: ReadableVersion, fileSystem: FileSystem): Generator<string> {
  const { dataset, version: name } = version.location;
  const { root } = version.store;
  yield `# The live rows of ${dataset}@${name}.
import functools

import pyarrow
import pyarrow.compute
import pyarrow.fs
import pyarrow.parquet

FILES = ${fileSystemText(fileSystem)}
ROOT = ${pythonText(folderOf(fileSystem))}
# A part is its chunk file, its vector file, and the first and last key of each range of live rows.
# A part without ranges lives as a whole.
PARTS = [
`;
  for (const { chunks, vectors, live, rows, liveRows } of liveFilesOf(version)) {
    const ranges = rows === liveRows ? [] : live.map(({ firstKey, lastKey }) => `(${firstKey}, ${lastKey})`);
    const keys = [chunks, vectors].map(({ uri }) => pythonText(uri.slice(root.length + 1)));
    yield `    (${keys.join(', ')}, [${ranges.join(', ')}]),\n`;
  }
  yield `]


def live_rows(key, ranges, columns=None):
    table = pyarrow.parquet.read_table(
        ROOT + key, columns=columns, filesystem=FILES, partitioning=None
    )
    if not ranges:
        return table
    keys = table["row_key"]
    masks = [
        pyarrow.compute.and_(
            pyarrow.compute.greater_equal(keys, pyarrow.scalar(first, pyarrow.uint64())),
            pyarrow.compute.less_equal(keys, pyarrow.scalar(last, pyarrow.uint64())),
        )
        for first, last in ranges
    ]
    return table.filter(functools.reduce(pyarrow.compute.or_, masks))


def live_tables():
    """Yields a table for each part: the columns of its chunks, and their vectors."""
    for chunk_file, vector_file, ranges in PARTS:
        chunks = live_rows(chunk_file, ranges)
        vectors = live_rows(vector_file, ranges, ["row_key", "vector"])
        if not chunks["row_key"].equals(vectors["row_key"]):
            raise ValueError(f"{chunk_file} and {vector_file} have other rows")
        yield chunks.append_column(vectors.schema.field("vector"), vectors["vector"])


if __name__ == "__main__":
    for table in live_tables():
        print(table.select(["chunk_id", "row_key", "vector"]).to_string(preview_cols=1))
`;
}

function folderOf(fileSystem: FileSystem): string {
  if (fileSystem.kind === 'local') return `${fileSystem.folder}/`;
  const { bucket, prefix } = fileSystem;
  return prefix === '' ? `${bucket}/` : `${bucket}/${prefix}/`;
}

function fileSystemText(fileSystem: FileSystem): string {
  if (fileSystem.kind === 'local') return 'pyarrow.fs.LocalFileSystem()';
  const { region, endpoint } = fileSystem;
  const settings = [
    ...(region === undefined ? [] : [`region=${pythonText(region)}`]),
    ...(endpoint
      ? [`endpoint_override=${pythonText(endpoint.host)}`, `scheme=${pythonText(endpoint.scheme)}`]
      : []),
  ];
  return `pyarrow.fs.S3FileSystem(${settings.join(', ')})`;
}
