import { z } from 'zod';
import { CHUNKING_STRATEGIES } from '../../core/chunk.js';
import { PRECISIONS } from '../../core/model-signature.js';
import { NAME_PATTERN, NAME_RULE } from '../../core/name.js';
import { INPUT_FORMATS } from '../../core/plan.js';
import { EMBED_QUEUES } from '../../core/queues.js';
import { VECTOR_PRECISIONS } from '../../core/vector-precision.js';
import { providerSchema } from './provider-schema.js';
import { timeSpanSchema } from './time-span-schema.js';

const name = z
  .string('must be a text; YAML takes 2026.11 for a number unless it is in quotes')
  .regex(NAME_PATTERN, `must be ${NAME_RULE}`);
const positive = z.int().positive();
const version = z.string().refine(
  (value) => {
    const parts = value.split('@');
    return parts.length <= 2 && parts.every((part) => NAME_PATTERN.test(part));
  },
  { error: 'must be a dataset with a ref or a version, such as handbook@current' },
);

const columns = z
  .strictObject({
    id: z
      .string()
      .min(1)
      .optional()
      .describe('column of the document id; by default `_id`, or `id` where there is no `_id`'),
    text: z.string().min(1).default('text').describe('column of the text'),
    title: z.string().min(1).default('title').describe('column of the title, which may be absent'),
    metadata: z.array(z.string().min(1)).default([]).describe('columns kept beside each chunk as JSON'),
  })
  .prefault({});

const character = (others = '') =>
  z.string().refine((value) => /^[\t\x20-\x7e]$/.test(value), {
    error: `must be one ASCII character${others}; YAML writes a tab as "\\t", in double quotes`,
  });

const csv = z
  .strictObject({
    quote: z
      .union([z.literal('none'), character(' or none')])
      .optional()
      .describe(
        'the character that encloses fields, or `none` where quotes are characters ([tables](#tables)); by default `"`, in TSV only where it encloses a whole field',
      ),
    delimiter: character()
      .optional()
      .describe('the character between fields; by default a comma in CSV and a tab in TSV'),
  })
  .refine(
    ({ quote, delimiter }) => quote === undefined || quote !== delimiter,
    'quote and delimiter are the same',
  )
  .optional();

const input = z
  .strictObject({
    uri: z.string().min(1).describe('an object or a prefix: s3://bucket/prefix, file:///path or a path'),
    format: z
      .enum(['auto', ...INPUT_FORMATS])
      .default('auto')
      .describe('`auto` chooses by the extension of each object'),
    include: z
      .array(z.string())
      .default([])
      .describe('globs over keys below `uri`; without one, all objects'),
    exclude: z.array(z.string()).default([]).describe('globs over keys below `uri` that are left out'),
    columns: columns.describe('which columns hold what'),
    csv: csv.describe('how the rows of CSV and TSV are written'),
    max_document_bytes: positive
      .default(10 * 1024 * 1024)
      .describe('bytes; a larger record is quarantined as TOO_LARGE'),
  })
  .refine(({ format, csv }) => csv === undefined || ['auto', 'csv', 'tsv'].includes(format), {
    path: ['csv'],
    error: 'is for the formats csv and tsv',
  });

const chunking = z
  .strictObject({
    strategy: z.enum(CHUNKING_STRATEGIES).default('recursive').describe('how documents are cut'),
    max_tokens: positive
      .optional()
      .describe("tokens a chunk may have; the model's limit by default, 512 where it has none"),
    overlap: z.int().nonnegative().default(0).describe('tokens that neighbours share, for `fixed`'),
    prefix: z
      .array(z.enum(['title', 'headings']))
      .default([])
      .describe('context put before each chunk'),
  })
  .prefault({});

const prompts = z.strictObject({
  query: z.string().optional().describe("text before each query; the folder's own by default"),
  document: z.string().optional().describe("text before each chunk; the folder's own by default"),
});

/** The `model` of a job file as a mapping. */
export const modelSchema = z.strictObject({
  source: z
    .string()
    .min(1)
    .describe(
      'a pulled model by name (such as organisation/name), or a path to a model folder or a file of word vectors',
    ),
  file: z
    .string()
    .min(1)
    .optional()
    .describe('ONNX file of the folder to compute with, as onnx/model.onnx; its safetensors by default'),
  max_tokens: positive.optional().describe("tokens a row may have; the folder's own limit by default"),
  dimensions: positive
    .optional()
    .describe('numbers kept of each vector, as Matryoshka models allow; all by default'),
  precision: z
    .enum(PRECISIONS)
    .optional()
    .describe(
      'what the model computes with, part of the fingerprint; int8 is faster on CPUs, float16 on GPUs; float32 by default',
    ),
  prompts: prompts.optional().describe('texts put before what is embedded, part of the fingerprint'),
  provider: providerSchema
    .optional()
    .describe('an OpenAI-compatible API that runs the model; `source` is then its name there'),
});

const parts = z
  .strictObject({
    rows: positive.max(1_000_000).default(4096).describe('a part closes at this many rows'),
    tokens: positive.default(131_072).describe('a part closes at this many tokens, if that comes first'),
  })
  .prefault({});

const vectors = z
  .strictObject({
    precision: z
      .enum(VECTOR_PRECISIONS)
      .default('float32')
      .describe('what each number is stored as; the vector space and its fingerprint stay the same'),
  })
  .prefault({});

const limits = z
  .strictObject({
    reject_share: z.number().min(0).max(1).default(0.01).describe('share of rejects that stops the job'),
    concurrency: positive.max(1024).default(8).describe('shards in flight'),
    delete_share: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe("share of the parent's documents that a version may delete; 0.1 by default"),
    delete_documents: z
      .int()
      .nonnegative()
      .optional()
      .describe('documents that a version may always delete; 10 by default'),
    queue: z.enum(EMBED_QUEUES).optional().describe('workers that compute the model; embed-cpu by default'),
  })
  .prefault({});

const retention = z.strictObject({
  keep: z
    .int()
    .nonnegative()
    .default(3)
    .describe('newest finished versions that are kept, whatever their age'),
  age: timeSpanSchema(0).default('7d').describe('a version is kept until it has been finished for this long'),
  history: positive
    .max(100)
    .default(5)
    .describe('moves of each ref, the present one included, whose versions are kept'),
  grace: timeSpanSchema(0)
    .default('1h')
    .describe('time for readers between the announcement and the deletion'),
  unfinished_after: timeSpanSchema(0)
    .optional()
    .describe('a version that is not finished is deleted once it was begun this long ago; never by default'),
});

/** A job file, before the limits of its model replace what it leaves open. */
export const jobSchema = z.strictObject({
  dataset: name.describe('name of the dataset: a folder below output'),
  version: name.default('v1').describe('name of the immutable output of this job'),
  input: z
    .union([
      z
        .string()
        .min(1)
        .transform((uri) => input.parse({ uri })),
      input,
    ])
    .describe('where the documents are; a URI or a mapping'),
  output: z.string().min(1).describe('root of all datasets: s3://bucket/prefix, file:///path or a path'),
  ref: z
    .union([z.literal('none'), name])
    .default('current')
    .describe('ref moved to the version once it is readable'),
  parent: z
    .union([z.literal('none'), name])
    .optional()
    .describe(
      'version or ref whose unchanged documents are carried over; what `ref` names by default, `none` for nothing',
    ),
  reuse: z
    .array(version)
    .default([])
    .describe(
      'further versions of the same output and model whose vectors are taken over for equal texts, as `handbook@current`; refs are looked up once, when the job or schedule is prepared; the parent is always one of them',
    ),
  model: z
    .union([
      z
        .string()
        .min(1)
        .transform((source) => modelSchema.parse({ source })),
      modelSchema,
    ])
    .describe('the model; a name, a path or a mapping'),
  models: z
    .string()
    .min(1)
    .optional()
    .describe(
      'root from which workers take a pulled model that they lack: s3://bucket/prefix, file:///path or a path; the hub by default ([how](models.md#on-every-worker))',
    ),
  chunking: chunking.describe('how documents become chunks'),
  parts: parts.describe('when a part is closed; a part is what a crash can cost'),
  vectors: vectors.describe('how vectors are stored'),
  shard_bytes: positive
    .default(64 * 1024 * 1024)
    .describe(
      'bytes of input that a shard has, approximately; a small corpus is cut into 16 shards of at least 256 KiB',
    ),
  limits: limits.describe('how the job runs; may change when it is resumed'),
  retention: retention
    .optional()
    .describe(
      'old versions that are deleted once the ref is moved ([how](operations.md#old-versions)); nothing is deleted by default; may change when the job is resumed',
    ),
});

/** A job file after it was checked, before its model is known. */
export type JobDraft = z.output<typeof jobSchema>;
