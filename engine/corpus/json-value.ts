import { ExactNumber } from './exact-number.js';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** Stands for a column's value that a reader has found not to be valid UTF-8. */
export const INVALID_UTF8 = Symbol('not valid UTF-8');

/**
 * Stands for the key `__proto__` of a map if the reader builds objects by assignment, which would
 * lose that key.
 */
export const PROTO_KEY = Symbol('__proto__');

/**
 * The greatest depth to which the lists and objects of metadata may be nested. Readers of JSON in
 * other languages accept 1,000 levels at most.
 */
export const MAX_METADATA_DEPTH = 500;

/**
 * The greatest number of UTF-16 units in the JSON of a document's metadata: half of what V8's
 * longest string holds.
 */
const MAX_METADATA_UNITS = 256 * 1024 * 1024;
/**
 * The length of a character's longest escape, and room for the longest number and the signs around
 * a value.
 */
const UNITS_PER_CHARACTER = 6;
const UNITS_PER_VALUE = 32;

/** Says why a value has no JSON form that every reader can read. */
export class NoJsonFormError extends Error {
  constructor(readonly reason: 'half-pair' | 'utf8' | 'depth' | 'size') {
    super(reason);
  }
}

/**
 * Turns what columns hold into JSON, the same on every run. Numbers that no JavaScript number can
 * hold, such as integers beyond 2⁵³, become decimal strings; dates become ISO 8601 in UTC, bytes
 * become Base64, and NaN and the infinities become null. One converter serves all columns of one
 * document, whose JSON may be no longer than a string can be.
 * Throws NoJsonFormError for half a surrogate pair, for bytes that are not UTF-8, for more levels
 * than MAX_METADATA_DEPTH, and for more JSON than fits.
 */
export class JsonConverter {
  private unitsLeft = MAX_METADATA_UNITS;

  toJson(value: unknown, depth = 0): JsonValue {
    this.spend(0);
    switch (typeof value) {
      case 'string':
        if (!value.isWellFormed()) throw new NoJsonFormError('half-pair');
        this.spend(value.length);
        return value;
      case 'number':
        return Number.isFinite(value) ? value : null;
      case 'boolean':
        return value;
      case 'bigint':
        return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
      case 'object':
        return value === null ? null : this.objectToJson(value, depth);
      case 'symbol':
        throw new NoJsonFormError('utf8');
      default:
        return null;
    }
  }

  private objectToJson(value: object, depth: number): JsonValue {
    if (value instanceof ExactNumber) {
      this.spend(value.digits.length);
      return value.digits;
    }
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (value instanceof Uint8Array) {
      this.spend(value.length);
      return Buffer.from(value).toString('base64');
    }
    if (depth === MAX_METADATA_DEPTH) throw new NoJsonFormError('depth');
    if (Array.isArray(value)) return value.map((item) => this.toJson(item, depth + 1));
    if (ArrayBuffer.isView(value))
      return Array.from(value as unknown as Iterable<number | bigint>, (item) =>
        this.toJson(item, depth + 1),
      );
    const members: [string, JsonValue][] = [];
    for (const key of Reflect.ownKeys(value))
      members.push([
        this.keyOf(key),
        this.toJson((value as Record<string | symbol, unknown>)[key], depth + 1),
      ]);
    return Object.fromEntries(members);
  }

  /** Returns a map's key as a string. Throws NoJsonFormError if it is not valid UTF-8. */
  private keyOf(key: string | symbol): string {
    return key === PROTO_KEY ? '__proto__' : (this.toJson(key) as string);
  }

  private spend(characters: number): void {
    this.unitsLeft -= UNITS_PER_VALUE + characters * UNITS_PER_CHARACTER;
    if (this.unitsLeft < 0) throw new NoJsonFormError('size');
  }
}
