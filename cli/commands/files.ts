import { VectormillError } from '../../core/errors.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { type ReadableVersion, resolveVersion } from '../../engine/version/resolve-version.js';
import { findDataset, outputOption } from '../dataset-argument.js';
import type { CommandDefinition } from '../define-command.js';
import { duckdbQuery } from '../files/duckdb-query.js';
import { fileLines } from '../files/file-lines.js';
import { fileSystemOf } from '../files/file-system.js';
import { filesJson } from '../files/files-json.js';
import { polarsScript } from '../files/polars-script.js';
import { pyarrowScript } from '../files/pyarrow-script.js';
import { oneOf } from '../option-values.js';
import { writePieces } from '../write-pieces.js';

const QUERIES = { duckdb: duckdbQuery, pyarrow: pyarrowScript, polars: polarsScript };
type Tool = keyof typeof QUERIES;

export const filesCommand: CommandDefinition = {
  examples: [
    'vectormill files handbook',
    'vectormill files handbook@v1 --json',
    'vectormill files handbook --query duckdb',
    'vectormill files s3://bucket/prefix/handbook@v1 --query polars',
  ],
  options: [
    outputOption,
    {
      flags: '--query <tool>',
      description:
        'print, instead of the files, the query (duckdb) or Python script (pyarrow, polars) that reads exactly the live rows, chunks with their vectors',
      parse: oneOf(Object.keys(QUERIES) as Tool[]),
    },
  ],
  async run(input) {
    const { options, json } = input;
    const stores = storeCache();
    try {
      const { store, ...place } = await findDataset(input, stores.open);
      const version = await resolveVersion(store, place);
      const tool = options.query as Tool | undefined;
      if (tool !== undefined) await writePieces(queryText(version, tool, json));
      else await writePieces(json ? filesJson(version) : fileLines(version));
      return 0;
    } finally {
      await stores.close();
    }
  },
};

/** Yields a query, as it is or as a member of a JSON document. */
function* queryText(version: ReadableVersion, tool: Tool, json: boolean): Generator<string> {
  if (version.parts.length === 0) throw withoutRows(version);
  const { output, dataset, version: name } = version.location;
  const text = QUERIES[tool](version, fileSystemOf(version.store, process.env));
  if (!json) return yield* text;
  yield `${JSON.stringify({ output, dataset, version: name, query: tool }).slice(0, -1)},"text":"`;
  for (const piece of text) yield JSON.stringify(piece).slice(1, -1);
  yield '"}\n';
}

function withoutRows({ location: { dataset, version } }: ReadableVersion): VectormillError {
  return new VectormillError('INPUT_EMPTY', `${dataset}@${version} has no rows that a query could read`, {
    component: 'cli',
    remedy: 'Leave out --query; `vectormill rejects` lists its quarantined documents.',
  });
}
