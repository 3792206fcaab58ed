import { NAME_PATTERN } from '../../core/name.js';

/**
 * Adds to `wrong` the paths below `path` at which a value is not what it must be. These checks are
 * written out, because every reader needs them, and zod takes 60 ms and 13 MB to load.
 */
type Check = (value: unknown, path: string, wrong: string[]) => void;

const that =
  (holds: (value: unknown) => boolean): Check =>
  (value, path, wrong) => {
    if (!holds(value)) wrong.push(path);
  };

const text = that((value) => typeof value === 'string');
const key = that((value) => typeof value === 'string' && value !== '');
const name = that((value) => typeof value === 'string' && NAME_PATTERN.test(value));
const rowKeyText = that((value) => typeof value === 'string' && /^\d{1,20}$/u.test(value));
const count = that((value) => Number.isSafeInteger(value) && (value as number) >= 0);
const positive = that((value) => Number.isSafeInteger(value) && (value as number) > 0);

const unlessAbsent =
  (check: Check): Check =>
  (value, path, wrong) => {
    if (value !== undefined) check(value, path, wrong);
  };

const orNull =
  (check: Check): Check =>
  (value, path, wrong) => {
    if (value !== undefined && value !== null) check(value, path, wrong);
  };

const list =
  (check: Check): Check =>
  (value, path, wrong) => {
    if (!Array.isArray(value)) wrong.push(path);
    else for (const [place, entry] of value.entries()) check(entry, `${path}.${place}`, wrong);
  };

/** Takes objects with these fields and any others: later releases may state more. */
const object =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, path, wrong) => {
    if (typeof value !== 'object' || value === null) {
      wrong.push(path);
      return;
    }
    for (const [field, check] of Object.entries(fields))
      check((value as Record<string, unknown>)[field], path === '' ? field : `${path}.${field}`, wrong);
  };

const fileFields = { key, sha256: text, bytes: count };
const files = list(object(fileFields));
const rowFiles = list(
  object({ ...fileFields, start: count, end: count, firstKey: rowKeyText, lastKey: rowKeyText }),
);

const common = {
  dataset: name,
  version: name,
  parent: orNull(name),
  fingerprint: text,
  signature: object({ dimensions: positive }),
  totals: object({ chunks: count }),
  vectors: unlessAbsent(object({ precision: text })),
};

/** The fields by which readers find the files of a version, and what its rows are. */
const FORMATS: Readonly<Record<number, Check>> = {
  1: object({ ...common, chunkFiles: rowFiles, vectorFiles: rowFiles, rejectFiles: files }),
  2: object({
    ...common,
    origins: list(name),
    nextShard: count,
    lists: object({
      parts: files,
      outputs: object({ dense: object({ pieces: files }) }),
      rejects: files,
      corpus: unlessAbsent(object({ slices: files, documents: files, texts: unlessAbsent(files) })),
    }),
  }),
};

/**
 * Returns the fields of a manifest that are not what they must be, as paths: `lists.parts.0.key`.
 */
export function wrongFieldsOf(manifest: { formatVersion: number }): string[] {
  const wrong: string[] = [];
  FORMATS[manifest.formatVersion]?.(manifest, '', wrong);
  return wrong;
}
