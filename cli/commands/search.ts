import { VectormillError } from '../../core/errors.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { findDataset, outputOption } from '../dataset-argument.js';
import type { CommandDefinition } from '../define-command.js';
import { ARGUMENT_BYTES, nonEmpty } from '../option-values.js';
import { explainLines, hitLines } from '../search/hit-lines.js';
import { describeRetrieval } from '../search/retrieval-options.js';
import { runSearch } from '../search/run-search.js';
import { readSearchPlan, SEARCH_OPTIONS, type SearchPlan } from '../search/search-plan.js';

export const searchCommand: CommandDefinition = {
  examples: [
    'vectormill search handbook "how are refs moved?"',
    'vectormill search s3://bucket/prefix/handbook@v1 "who may approve leave" --top 10 --json',
    'vectormill search handbook "how are refs moved?" --index main --filter language=en',
    'vectormill search handbook "leave in 2024" --mode hybrid --alpha 0.5 --filter "year>=2020" --filter language=en',
    'vectormill search handbook "who may approve leave" --mode hybrid --rerank ./my-cross-encoder --explain',
  ],
  options: [
    outputOption,
    ...SEARCH_OPTIONS,
    {
      flags: '--model <name>',
      description: "query model, by name, path or .yaml file (default: the job's own; any other is refused)",
      parse: nonEmpty,
    },
  ],
  async run(input) {
    const {
      arguments: [, query = ''],
      options,
      json,
    } = input;
    if (query.trim() === '') throw badQuery('the query is empty');
    if (Buffer.byteLength(query) > ARGUMENT_BYTES)
      throw badQuery(`the query is longer than ${ARGUMENT_BYTES} bytes`);
    const plan = readSearchPlan(options);
    const stores = storeCache();
    try {
      const { store, ...place } = await findDataset(input, stores.open);
      const version = await resolveVersion(store, place);
      const { hits, notes } = await runSearch(version, { query, plan, model: options.model, json });
      if (json) {
        const { dataset, version: found } = version.location;
        const shown = hits.map(({ stages, ...hit }) => (plan.explain ? { ...hit, stages } : hit));
        console.log(
          JSON.stringify({
            output: store.root,
            dataset,
            version: found,
            query,
            ...describe(plan),
            hits: shown,
            notes,
          }),
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

/** Describes the search for a program. */
function describe(plan: SearchPlan): Record<string, unknown> {
  const { index, filters } = plan;
  return {
    ...describeRetrieval(plan),
    ...(index !== undefined && { index }),
    ...(filters.length > 0 && { filters }),
  };
}

function badQuery(message: string): VectormillError {
  return new VectormillError('USAGE', message, {
    component: 'cli',
    remedy: 'Give a text to search for, in quotes.',
  });
}
