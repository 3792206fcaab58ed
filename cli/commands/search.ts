import { VectormillError } from '../../core/errors.js';
import { openIndex } from '../../engine/index/open-index.js';
import { searchByIndex } from '../../engine/index/search-index.js';
import type { StagedHit } from '../../engine/search/staged-hit.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { type ReadableVersion, resolveVersion } from '../../engine/version/resolve-version.js';
import { openDataset, outputOption } from '../dataset-argument.js';
import type { CommandDefinition } from '../define-command.js';
import { openModelOf } from '../open-model-of.js';
import { ARGUMENT_BYTES, nonEmpty } from '../option-values.js';
import { explainLines, hitLines } from '../search/hit-lines.js';
import { runSearch } from '../search/run-search.js';
import { readSearchPlan, SEARCH_OPTIONS, type SearchPlan } from '../search/search-plan.js';

export const searchCommand: CommandDefinition = {
  usage: 'search <dataset[@ref|version]> <query>',
  summary:
    'Show the chunks of a version that fit a query: by exact cosine, an index, words, or vectors and words, reranked if asked.',
  examples: [
    'vectormill search handbook "how are refs moved?"',
    'vectormill search s3://bucket/prefix/handbook@v1 "who may approve leave" --top 10 --json',
    'vectormill search handbook "how are refs moved?" --index main',
    'vectormill search handbook "leave in 2024" --mode hybrid --alpha 0.5 --filter "year>=2020" --filter language=en',
    'vectormill search handbook "who may approve leave" --mode hybrid --rerank ./my-cross-encoder --explain',
  ],
  options: [
    outputOption,
    ...SEARCH_OPTIONS,
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
    const plan = readSearchPlan(options);
    const stores = storeCache();
    try {
      const { store, ...place } = await openDataset(name, options.output, stores.open);
      const version = await resolveVersion(store, place);
      const index = options.index === undefined ? undefined : String(options.index);
      const { hits, notes } =
        index === undefined
          ? await runSearch(version, { query, plan, model: options.model, json })
          : await searchWithIndex(version, index, { query, plan, model: options.model });
      if (json) {
        const { dataset, version: found } = version.location;
        const shown = hits.map(({ stages, ...hit }) => (plan.explain ? { ...hit, stages } : hit));
        console.log(
          JSON.stringify({ dataset, version: found, query, ...describe(plan), hits: shown, notes }),
        );
        return 0;
      }
      const table = plan.explain && hits.length > 0 ? ['', ...explainLines(hits)] : [];
      for (const line of [...hits.flatMap(hitLines), ...table]) console.log(line);
      for (const note of notes) console.error(`note: ${note}`);
      return 0;
    } finally {
      await stores.close();
    }
  },
};

/** Dense and nothing else: an index knows the nearest rows, and no score of any other. */
async function searchWithIndex(
  version: ReadableVersion,
  name: string,
  { query, plan, model }: { query: string; plan: SearchPlan; model: unknown },
): Promise<{ hits: StagedHit[]; notes: string[] }> {
  if (plan.mode !== 'dense' || plan.filters.length > 0 || plan.rerank || plan.explain)
    throw badQuery('--index goes with --top and --model only');
  const index = await openIndex(version, name);
  const embedder = await openModelOf(version, model);
  try {
    const hits = await searchByIndex(version, index, { embedder, query, k: plan.top });
    const { dataset, version: found } = version.location;
    const all = `${dataset}@${found} has ${hits.length} chunks; all of them are shown`;
    return { hits: hits.map((hit) => ({ ...hit, stages: {} })), notes: hits.length < plan.top ? [all] : [] };
  } finally {
    await index.close();
    await embedder.close();
  }
}

/** What the search did, for a program. */
function describe({ mode, fusion, candidates, filters, rerank }: SearchPlan): Record<string, unknown> {
  return {
    mode,
    ...(mode === 'hybrid' && { fusion, candidates }),
    ...(filters.length > 0 && { filters }),
    ...(rerank && { rerank }),
  };
}

function badQuery(message: string): VectormillError {
  return new VectormillError('USAGE', message, {
    component: 'cli',
    remedy: 'Give a text to search for, in quotes.',
  });
}
