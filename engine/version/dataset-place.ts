import { resolve } from 'node:path';
import { VectormillError } from '../../core/errors.js';
import { NAME_PATTERN, NAME_RULE } from '../../core/name.js';
import { parseDatasetName } from './resolve-version.js';

/** A dataset by the name that somebody gave it. */
export interface NamedDataset {
  /** The root that holds the dataset, if the name contains it. */
  root: string | undefined;
  dataset: string;
  /** The name of a ref or of a version. */
  selector: string;
  /** Whether the name says which ref or version is meant. */
  explicit: boolean;
}

/**
 * Parses `s3://bucket/prefix/name`, `./out/name@v1` and `/out/name@ref`, which contain their root,
 * and a plain `name`, which does not. Errors: USAGE for names and URIs that lead out of the root.
 */
export function parseDatasetPlace(place: string): NamedDataset {
  const { root, name } = splitPlace(place);
  const { dataset, selector } = parseDatasetName(name);
  assertName('dataset', dataset);
  assertName('ref or version', selector);
  return {
    root: root === undefined ? undefined : checkPlace(root),
    dataset,
    selector,
    explicit: name.includes('@'),
  };
}

/** Errors: USAGE for a URI that contains `..`, because no store would read it as it is meant. */
export function checkPlace(uri: string): string {
  if (isUri(uri) && uri.split('/').some((name) => name === '..' || name === '.')) {
    throw misnamed(`${JSON.stringify(uri)} leads elsewhere`, 'Give the URI without `.` and `..`.');
  }
  return uri;
}

function splitPlace(place: string): { root: string | undefined; name: string } {
  const trimmed = place.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  if (slash < 0) return { root: undefined, name: trimmed };
  const root = trimmed.slice(0, slash);
  const name = trimmed.slice(slash + 1);
  if (!isUri(trimmed)) return { root: resolve(root === '' ? '/' : root), name };
  if (isUri(root)) return { root, name };
  throw misnamed(`${JSON.stringify(place)} names no dataset`, 'Give s3://bucket/prefix/dataset.');
}

function isUri(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/./i.test(text);
}

function assertName(what: string, name: string): void {
  if (NAME_PATTERN.test(name)) return;
  throw misnamed(`${JSON.stringify(name)} is no name of a ${what}`, `Names are ${NAME_RULE}.`);
}

function misnamed(message: string, remedy: string): VectormillError {
  return new VectormillError('USAGE', message, { component: 'version', remedy });
}
