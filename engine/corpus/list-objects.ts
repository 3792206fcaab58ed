import picomatch from 'picomatch';
import { counted } from '../../core/counted.js';
import type { ObjectInfo } from '../store/object-store.js';
import type { StoreOpener } from '../store/store-cache.js';
import { inputEmpty, inputNotFound } from './corpus-errors.js';
import { locate, type OpenInput, openInput } from './open-input.js';

export interface ListOptions {
  /** One object, or a prefix that stands for every object below it. */
  uri: string;
  /** Globs over paths below `uri` (`**` crosses folders). An empty list takes every object. */
  include: readonly string[];
  /** Globs of the same kind. An object that matches one of them is left out. */
  exclude: readonly string[];
  openStore: StoreOpener;
}

/** An object of an input as its listing describes it. */
export interface ListedObject {
  uri: string;
  /**
   * The path relative to the folder that `uri` names, or the object's name if `uri` is an object.
   */
  path: string;
  etag: string;
  bytes: number;
}

/** The objects that an input URI names. */
export interface Listing {
  objects: ListedObject[];
  /** Whether the URI is one object and not a prefix. */
  single: boolean;
  /**
   * The number of objects that were left out by the globs, for a name that data does not have, and
   * for having no bytes.
   */
  ignored: { excluded: number; hidden: number; empty: number };
}

const MARKERS = /^(_SUCCESS|_committed_.*|_started_.*|_metadata|_common_metadata|_delta_log|_temporary)$/;

/**
 * Lists the objects that an input URI names, in the store's key order. Names that begin with a dot
 * and the marker files of other data tools are left out unless the URI names the object itself.
 * Errors: INPUT_NOT_FOUND if nothing lies there, INPUT_EMPTY if all of it was left out.
 */
export async function listObjects(options: ListOptions): Promise<Listing> {
  const input = openInput(options.uri, options.openStore);
  const { store, key, uri } = input;
  const single = options.uri.endsWith('/') || key === '' ? undefined : await store.head(key);
  const listing: Listing = {
    objects: [],
    single: single !== undefined,
    ignored: { excluded: 0, hidden: 0, empty: 0 },
  };
  if (single) keep(listing, single, { uri, path: locate(input, uri).path });
  else await listBelow(listing, input, matcher(options));
  const { objects, ignored } = listing;
  if (objects.length > 0) return listing;
  const left = ignored.excluded + ignored.hidden + ignored.empty;
  if (left === 0) throw inputNotFound(uri);
  throw inputEmpty(
    uri,
    `nothing to read: ${counted(ignored.empty, 'object')} of 0 bytes, ${ignored.hidden} hidden ones and markers, ${ignored.excluded} left out by include and exclude`,
  );
}

async function listBelow(
  listing: Listing,
  input: OpenInput,
  matches: (path: string) => boolean,
): Promise<void> {
  const prefix = input.key === '' ? '' : `${input.key}/`;
  for await (const info of input.store.list(prefix)) {
    const path = info.key.slice(prefix.length);
    if (isHidden(path)) listing.ignored.hidden += 1;
    else if (!matches(path)) listing.ignored.excluded += 1;
    else keep(listing, info, { uri: `${input.uri}/${path}`, path });
  }
}

function keep(listing: Listing, info: ObjectInfo, place: { uri: string; path: string }): void {
  if (info.size === 0) listing.ignored.empty += 1;
  else listing.objects.push({ ...place, etag: info.etag, bytes: info.size });
}

function isHidden(path: string): boolean {
  return path.split('/').some((segment) => segment.startsWith('.') || MARKERS.test(segment));
}

function matcher({ include, exclude }: ListOptions): (path: string) => boolean {
  const included = include.length === 0 ? () => true : picomatch([...include]);
  const excluded = exclude.length === 0 ? () => false : picomatch([...exclude]);
  return (path) => included(path) && !excluded(path);
}
