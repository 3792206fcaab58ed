import { dirname, resolve } from 'node:path';
import { EDITIONS } from '../../core/editions.js';
import { VectormillError } from '../../core/errors.js';
import type { JobRecord } from '../../core/job-spec.js';
import { type ModelSignature, UNLIMITED_TOKENS } from '../../core/model-signature.js';
import type { ProviderSettings } from '../../core/provider.js';
import type { RetentionPolicy } from '../../core/retention/retention-policy.js';
import { parseTimeSpan } from '../../core/time-span.js';
import type { Model, ModelSettings } from '../model/model.js';
import { describeIssues } from './describe-issues.js';
import { type JobDraft, jobSchema, modelSchema } from './job-schema.js';
import { MIN_CHUNK_TOKENS } from './prompt-room.js';
import { type FileKind, readMapping } from './read-yaml.js';

/** The job file, as messages describe it. */
export const JOB_FILE: FileKind = {
  component: 'job',
  name: 'the job file',
  least: '`dataset`, `input`, `output` and `model`',
  page: 'docs/job-spec.md',
};

const MODEL_FILE: FileKind = {
  component: 'job',
  name: 'the model file',
  least: '`source`, as under `model` in a job file',
  page: 'docs/job-spec.md',
};

/**
 * The tokens of a chunk if neither the job nor the model limits them. The mean vector of a whole
 * document says little about any part of it.
 */
const UNLIMITED_MODEL_CHUNK_TOKENS = 512;

/**
 * Parses the text of a job file as a draft. Relative paths are taken from the file's own folder.
 * Errors: JOB_INVALID naming every offending field.
 */
export function parseJob(text: string, file: string): JobDraft {
  return readJob(readMapping(text, file, JOB_FILE), file);
}

/** Does the same for values that a file holds. */
export function readJob(values: unknown, file: string): JobDraft {
  const parsed = jobSchema.safeParse(values);
  if (!parsed.success) throw invalid(file, describeIssues(parsed.error.issues, values));
  const draft = parsed.data;
  return {
    ...draft,
    input: { ...draft.input, uri: absoluteUri(draft.input.uri, file) },
    output: absoluteUri(draft.output, file),
    ...(draft.models !== undefined && { models: absoluteUri(draft.models, file) }),
    model: absoluteModel(draft.model, file),
  };
}

/**
 * Parses the text of a file that holds, as a mapping, what a job has under `model`. Relative paths
 * are taken from its folder. Errors: JOB_INVALID naming every offending field.
 */
export function parseModel(text: string, file: string): ModelSettings {
  const values = readMapping(text, file, MODEL_FILE);
  const parsed = modelSchema.safeParse(values);
  if (!parsed.success) throw invalid(file, describeIssues(parsed.error.issues, values));
  return settingsOf(absoluteModel(parsed.data, file));
}

/** Returns what a job asks of its model, as `findModel` takes it. */
export function settingsOf({ max_tokens: maxTokens, ...choice }: JobDraft['model']): ModelSettings {
  return { ...choice, maxTokens };
}

/**
 * Returns the job as it will run, with the model's limits filled in.
 * Errors: JOB_INVALID if a limit exceeds the model's, or if a chunk could not hold its overlap.
 */
export function completeJob(
  draft: JobDraft,
  model: Pick<Model, 'signature' | 'fingerprint' | 'lock'>,
  file: string,
): JobRecord {
  const { signature, fingerprint, lock } = model;
  const chunkTokens =
    draft.chunking.max_tokens ??
    (signature.maxTokens === UNLIMITED_TOKENS ? UNLIMITED_MODEL_CHUNK_TOKENS : signature.maxTokens);
  if (chunkTokens > signature.maxTokens) {
    throw invalid(file, `chunking.max_tokens is ${chunkTokens}, but the model takes ${signature.maxTokens}`);
  }
  if (chunkTokens < MIN_CHUNK_TOKENS) {
    throw invalid(file, `chunking.max_tokens is ${chunkTokens}; at least ${MIN_CHUNK_TOKENS} are needed`);
  }
  if (draft.chunking.overlap * 2 > chunkTokens) {
    throw invalid(file, `chunking.overlap is ${draft.chunking.overlap}, over half of ${chunkTokens} tokens`);
  }
  const { max_document_bytes: maxDocumentBytes, ...input } = draft.input;
  const { max_tokens: _, provider, ...modelChoice } = draft.model;
  return {
    formatVersion: 1,
    parent: null,
    editions: EDITIONS,
    signature,
    fingerprint,
    ...(lock && { modelLock: lock }),
    spec: {
      dataset: draft.dataset,
      version: draft.version,
      input: { ...input, maxDocumentBytes },
      output: draft.output,
      ref: draft.ref,
      model: {
        ...modelChoice,
        maxTokens: signature.maxTokens,
        ...(provider && { provider: withDimensions(provider, modelChoice.dimensions, signature) }),
      },
      ...(draft.models !== undefined && { models: draft.models }),
      ...(draft.parent !== undefined && { parent: draft.parent }),
      ...(draft.reuse.length > 0 && { reuse: draft.reuse }),
      chunking: {
        strategy: draft.chunking.strategy,
        maxTokens: chunkTokens,
        overlap: draft.chunking.overlap,
        prefix: draft.chunking.prefix,
      },
      parts: draft.parts,
      vectors: draft.vectors,
      shardBytes: draft.shard_bytes,
      limits: {
        rejectShare: draft.limits.reject_share,
        concurrency: draft.limits.concurrency,
        queue: draft.limits.queue,
        ...(draft.limits.delete_share !== undefined && { deleteShare: draft.limits.delete_share }),
        ...(draft.limits.delete_documents !== undefined && {
          deleteDocuments: draft.limits.delete_documents,
        }),
      },
      ...(draft.retention && { retention: policyOf(draft.retention) }),
    },
  };
}

function policyOf(retention: NonNullable<JobDraft['retention']>): RetentionPolicy {
  const { keep, history, age, grace, unfinished_after: unfinishedAfter } = retention;
  return {
    keep,
    history,
    ageMs: parseTimeSpan(age)!,
    graceMs: parseTimeSpan(grace)!,
    ...(unfinishedAfter !== undefined && { unfinishedAfterMs: parseTimeSpan(unfinishedAfter)! }),
  };
}

/**
 * Stores the dimensions that the provider was asked for once, so that not every worker asks again.
 */
function withDimensions(
  provider: ProviderSettings,
  asked: number | undefined,
  { dimensions }: ModelSignature,
): ProviderSettings {
  return asked === undefined ? { ...provider, dimensions } : provider;
}

/** Returns a URI as it is, and a path relative to the folder of the file that names it. */
export function absoluteUri(uri: string, file: string): string {
  if (/^[a-z0-9]+:\/\//i.test(uri)) return uri.replace(/(?<!\/)\/+$/, '');
  // URIs are taken as they are, without percent encoding.
  return `file://${resolve(dirname(resolve(file)), uri)}`;
}

/**
 * Makes the paths of a model absolute. A model's name at a provider stays as it is, even if it
 * looks like a path.
 */
function absoluteModel(model: JobDraft['model'], file: string): JobDraft['model'] {
  const { source, provider } = model;
  if (!provider) return { ...model, source: absolutePath(source, file) };
  if (provider.tokenizer === undefined) return model;
  return { ...model, provider: { ...provider, tokenizer: absolutePath(provider.tokenizer, file) } };
}

/** Returns a path relative to the folder of the file that names it, and a name as it is. */
export function absolutePath(name: string, file: string): string {
  return name.startsWith('.') || name.startsWith('/') ? resolve(dirname(resolve(file)), name) : name;
}

function invalid(file: string, message: string): VectormillError {
  return new VectormillError('JOB_INVALID', `${file}: ${message}`, {
    component: 'job',
    file,
    remedy: 'Mend the job file; docs/job-spec.md lists every key.',
  });
}
