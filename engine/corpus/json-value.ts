import { ExactNumber } from './exact-number.js';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** A value that a reader has found to be no valid UTF-8; it stands in the column's place. */
export const INVALID_UTF8 = Symbol('not valid UTF-8');

/** The key `__proto__` of a map, where a reader builds objects by assignment and would lose it. */
export const PROTO_KEY = Symbol('__proto__');

/** Levels of lists and objects that metadata may have: readers of JSON in other languages bear 1,000 at most. */
export const MAX_METADATA_DEPTH = 500;

/** Why a value has no JSON form that every reader can read. */
export class NoJsonFormError extends Error {
  constructor(readonly reason: 'half-pair' | 'utf8' | 'depth') {
    super(reason);
  }
}

/**
 * What a column holds as JSON, the same on every run: numbers that no JavaScript number holds as decimal strings (integers
 * beyond 2⁵³ among them), dates as ISO 8601 in UTC, bytes as Base64, NaN and the infinities as null.
 * Throws NoJsonFormError for half a surrogate pair, for what is no UTF-8, and for more levels than MAX_METADATA_DEPTH.
 */
export function toJsonValue(value: unknown): JsonValue {
  return toJson(value, 0);
}

function toJson(value: unknown, depth: number): JsonValue {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new NoJsonFormError('half-pair');
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'boolean':
      return value;
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
    case 'object':
      return value === null ? null : objectToJson(value, depth);
    case 'symbol':
      throw new NoJsonFormError('utf8');
    default:
      return null;
  }
}

function objectToJson(value: object, depth: number): JsonValue {
  if (value instanceof ExactNumber) return value.digits;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (depth === MAX_METADATA_DEPTH) throw new NoJsonFormError('depth');
  if (Array.isArray(value)) return value.map((item) => toJson(item, depth + 1));
  if (ArrayBuffer.isView(value))
    return Array.from(value as unknown as Iterable<number | bigint>, (item) => toJson(item, depth + 1));
  const members: [string, JsonValue][] = [];
  for (const key of Reflect.ownKeys(value))
    members.push([keyOf(key), toJson((value as Record<string | symbol, unknown>)[key], depth + 1)]);
  return Object.fromEntries(members);
}

/** The key of a map may be no UTF-8. */
function keyOf(key: string | symbol): string {
  return key === PROTO_KEY ? '__proto__' : (toJson(key, 0) as string);
}
