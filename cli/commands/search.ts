import { VectormillError } from '../../core/errors.js';
import { openIndex } from '../../engine/index/open-index.js';
import { searchByIndex } from '../../engine/index/search-index.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { searchVersion } from '../../engine/version/search-version.js';
import { openDataset, outputOption } from '../dataset-argument.js';
import type { CommandDefinition } from '../define-command.js';
import { openModelOf } from '../open-model-of.js';
import { ARGUMENT_BYTES, nonEmpty, wholeNumber } from '../option-values.js';
import { oneLine } from '../print.js';

const SNIPPET_CHARACTERS = 160;

export const searchCommand: CommandDefinition = {
  usage: 'search <dataset[@ref|version]> <query>',
  summary:
    'Show the chunks nearest to a query: by exact cosine over all vectors of a version, or by an index.',
  examples: [
    'vectormill search handbook "how are refs moved?"',
    'vectormill search s3://bucket/prefix/handbook@v1 "who may approve leave" --top 10 --json',
    'vectormill search handbook "how are refs moved?" --index main',
  ],
  options: [
    outputOption,
    { flags: '--top <n>', description: 'chunks to show', fallback: 5, parse: wholeNumber(1, 1000) },
    {
      flags: '--index <name>',
      description:
        'search by this index of the version; the score is of its metric (default: none, exact cosine)',
      parse: nonEmpty,
    },
    {
      flags: '--model <name>',
      description: "query model, by name, path or .yaml file (default: the job's own; any other is refused)",
      parse: nonEmpty,
    },
  ],
  async run({ arguments: [name = '', query = ''], options, json }) {
    if (query.trim() === '') throw badQuery('the query is empty');
    if (Buffer.byteLength(query) > ARGUMENT_BYTES)
      throw badQuery(`the query is longer than ${ARGUMENT_BYTES} bytes`);
    const stores = storeCache();
    try {
      const { store, ...place } = await openDataset(name, options.output, stores.open);
      const version = await resolveVersion(store, place);
      const index = options.index === undefined ? undefined : await openIndex(version, String(options.index));
      const embedder = await openModelOf(version, options.model);
      try {
        const k = Number(options.top);
        const hits = index
          ? await searchByIndex(version, index, { embedder, query, k })
          : await searchVersion(version, embedder, query, k);
        const { dataset, version: found } = version.location;
        if (!json && hits.length < k)
          console.error(`${dataset}@${found} has ${hits.length} chunks; all of them are shown`);
        if (json) console.log(JSON.stringify({ dataset, version: found, query, hits }));
        for (const { rank, score, docId, title, text } of json ? [] : hits) {
          const heading = title === undefined ? oneLine(docId) : `${oneLine(docId)} · ${oneLine(title)}`;
          console.log(`${rank}. ${score.toFixed(4)}  ${heading}\n   ${oneLine(text, SNIPPET_CHARACTERS)}`);
        }
        return 0;
      } finally {
        await index?.close();
        await embedder.close();
      }
    } finally {
      await stores.close();
    }
  },
};

function badQuery(message: string): VectormillError {
  return new VectormillError('USAGE', message, {
    component: 'cli',
    remedy: 'Give a text to search for, in quotes.',
  });
}
