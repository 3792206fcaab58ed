import { type Filter, parseFilter } from '../../core/search/filter.js';
import type { OptionDefinition } from '../define-command.js';
import { nonEmpty, repeated, wholeNumber } from '../option-values.js';
import {
  MAX_ROWS,
  optionsClash,
  type RetrievalPlan,
  readRetrievalPlan,
  retrievalOptions,
} from './retrieval-options.js';

/** The search that the options ask for. */
export interface SearchPlan extends RetrievalPlan {
  top: number;
  /** The index that the dense stage uses. Without one, the query is compared with every vector. */
  index: string | undefined;
  filters: readonly Filter[];
  explain: boolean;
}

/** The options that `readSearchPlan` reads. */
export const SEARCH_OPTIONS: readonly OptionDefinition[] = [
  { flags: '--top <n>', description: 'chunks to show', fallback: 5, parse: wholeNumber(1, MAX_ROWS) },
  ...retrievalOptions('chunks', '--top'),
  {
    flags: '--index <name>',
    description:
      "find the nearest vectors by this index of the version; the score is of its metric (default: none, every vector by the model's own similarity, mostly the cosine)",
    parse: nonEmpty,
  },
  {
    flags: '--filter <condition>',
    description:
      'only chunks whose field meets it: key=value, key!=value, or key>=number (also <=, >, <, and dates); may be given again, and then all must hold',
    parse: repeated,
  },
  { flags: '--explain', description: 'also show the rank and score of each chunk in every stage' },
];

/** Errors: USAGE for options that do not go together, and for a text that is not a filter. */
export function readSearchPlan(options: Readonly<Record<string, unknown>>): SearchPlan {
  const { model, index } = options;
  const retrieval = readRetrievalPlan(options);
  if (retrieval.mode === 'bm25' && (model ?? index) !== undefined)
    throw optionsClash(
      '--mode bm25 takes no --model and no --index',
      'Leave them out, or give --mode hybrid.',
    );
  return {
    ...retrieval,
    top: Number(options.top),
    index: index as string | undefined,
    filters: ((options.filter as string[] | undefined) ?? []).map(parseFilter),
    explain: options.explain === true,
  };
}
