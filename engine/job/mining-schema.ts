import { z } from 'zod';
import { PAIR_FORMATS, TRAINING_EXPORTS } from '../../core/mining/mining-spec.js';
import { SAMPLINGS, SELECTION_PRESETS, type SelectionPreset } from '../../core/mining/selection-options.js';
import { TRAINING_FORMATS } from '../../core/mining/training-rows.js';
import { NAME_PATTERN, NAME_RULE } from '../../core/name.js';

const name = z
  .string('must be a text; YAML takes 2026.11 for a number unless it is in quotes')
  .regex(NAME_PATTERN, `must be ${NAME_RULE}`);
const count = z.int().positive().max(100_000);
const candidates = z.union([
  z.literal('exact'),
  z.strictObject({
    index: name.describe('an index of the version: it says which chunks are compared'),
  }),
]);

const share = z.number().min(0).max(1);
const seed = z
  .int()
  .nonnegative()
  .max(2 ** 32 - 1);
const PRESETS = Object.keys(SELECTION_PRESETS) as [SelectionPreset, ...SelectionPreset[]];

const pairs = z.strictObject({
  uri: z.string().min(1).describe('the file of pairs: a path, file:///path or s3://bucket/key'),
  format: z
    .enum(['auto', ...PAIR_FORMATS])
    .default('auto')
    .describe('`auto` chooses by its extension'),
  columns: z
    .strictObject({
      query: z.string().min(1).default('query').describe('column of the query'),
      positive: z
        .string()
        .min(1)
        .default('positive')
        .describe(
          "column of the positive: a document's id, or the text of one of its chunks; JSONL may hold a list",
        ),
      query_id: z
        .string()
        .min(1)
        .default('query_id')
        .describe("column of the query's id, which may be absent"),
    })
    .prefault({})
    .describe('which columns hold what'),
});

const beir = z.strictObject({
  queries: z.string().min(1).describe('JSONL of `_id, text`'),
  qrels: z.string().min(1).describe('judgements, `query-id corpus-id score` with tabs, or TREC'),
  min_relevance: z.int().default(1).describe('least relevance of a positive'),
});

const mining = z
  .strictObject({
    preset: z.enum(PRESETS).optional().describe('`95-percent` stands for `relative_margin: 0.05`'),
    num_negatives: count.default(3).describe('negatives wanted for each query'),
    range_min: z.int().nonnegative().default(0).describe('how many of the best candidates are skipped'),
    range_max: count
      .optional()
      .describe(
        'candidates that are considered; by default range_min + num_negatives (times 10 with a margin or max_score) + the most positives that a query has',
      ),
    max_score: z.number().optional().describe('similarity that a negative may have at most'),
    min_score: z.number().optional().describe('similarity that a negative must have at least'),
    absolute_margin: z
      .number()
      .optional()
      .describe("how far a negative's score must be below the query's lowest positive"),
    relative_margin: z.number().optional().describe("the same margin, as a share of that positive's score"),
    sampling: z.enum(SAMPLINGS).default('top').describe('the best of the range, or a random choice'),
    seed: seed.default(0).describe('seed of the random choice'),
    include_positives: z
      .boolean()
      .default(false)
      .describe('whether positives stay among the candidates; only for `n-tuple`'),
    near_duplicate: z
      .union([share, z.literal('off')])
      .default(0.8)
      .describe('share of common word pairs at which a candidate counts as a copy of a positive'),
  })
  .prefault({});

const crossEncoder = z.strictObject({
  model: z.string().min(1).describe('a cross-encoder: a path to its folder, or its name in the cache'),
  top: count
    .default(100)
    .describe('how many of the best candidates it scores; others do not become negatives'),
  min_bi_score: z.number().optional().describe("a negative's similarity must be above this"),
  max_cross_score: z.number().describe("a negative's cross-encoder score must be below this"),
});

const split = z
  .strictObject({
    dev_share: z.number().min(0).max(0.9).default(0).describe('share of the documents that dev gets'),
    seed: seed.default(0).describe('another seed draws another split'),
  })
  .prefault({});

const limits = z
  .strictObject({
    unknown_share: share.default(0.01).describe('share of pairs that may name unknown documents'),
  })
  .prefault({});

/** A job file of `mine`. */
export const miningSchema = z.strictObject({
  dataset: name.describe('the dataset to mine'),
  version: name.default('current').describe('a version of it, or a ref'),
  output: z.string().min(1).describe('root of all datasets: s3://bucket/prefix, file:///path or a path'),
  name: name.default('triplets').describe("folder below the version's `triplets/`"),
  pairs: z
    .union([
      z
        .string()
        .min(1)
        .transform((uri) => pairs.parse({ uri })),
      pairs,
    ])
    .optional()
    .describe('queries with their positives; a URI or a mapping'),
  beir: beir
    .optional()
    .describe("or queries and judgements over the version's documents; with neither, titles are queries"),
  candidates: candidates
    .default('exact')
    .describe('how candidates are found: `exact` compares a query with every chunk'),
  mining: mining.describe('which chunks become negatives'),
  models: z
    .string()
    .min(1)
    .optional()
    .describe(
      "root from which workers take pulled models that they lack; by default the hub for the cross-encoder, and for the version's model what its own job says ([how](models.md#on-every-worker))",
    ),
  cross_encoder: crossEncoder.optional().describe('a model that scores the best candidates again'),
  format: z.enum(TRAINING_FORMATS).default('triplet').describe('the shape of a training row'),
  scores: z
    .boolean()
    .default(false)
    .describe('whether training rows have their scores in a column of their own'),
  split: split.describe('how train and dev are kept apart'),
  exports: z.array(z.enum(TRAINING_EXPORTS)).default([]).describe('further files to write'),
  limits: limits.describe('when the job is refused'),
});

/** A mining job file after it was checked. */
export type MiningDraft = z.output<typeof miningSchema>;
