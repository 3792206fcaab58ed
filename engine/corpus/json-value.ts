import { ExactNumber } from './exact-number.js';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** A value that a reader has found to be no valid UTF-8; it stands in the column's place. */
export const INVALID_UTF8 = Symbol('not valid UTF-8');

/** The key `__proto__` of a map, where a reader builds objects by assignment and would lose it. */
export const PROTO_KEY = Symbol('__proto__');

/** Levels of lists and objects that metadata may have: readers of JSON in other languages bear 1,000 at most. */
export const MAX_METADATA_DEPTH = 500;

/** UTF-16 units that the JSON of a document's metadata may have: half of what V8's longest string holds. */
const MAX_METADATA_UNITS = 256 * 1024 * 1024;
/** A character's longest escape, and what the longest number and the signs around a value take. */
const UNITS_PER_CHARACTER = 6;
const UNITS_PER_VALUE = 32;

/** Why a value has no JSON form that every reader can read. */
export class NoJsonFormError extends Error {
  constructor(readonly reason: 'half-pair' | 'utf8' | 'depth' | 'size') {
    super(reason);
  }
}

/**
 * What columns hold as JSON, the same on every run: numbers that no JavaScript number holds as decimal strings (integers
 * beyond 2⁵³ among them), dates as ISO 8601 in UTC, bytes as Base64, NaN and the infinities as null. One converter serves
 * the columns of one document, whose JSON may be no longer than a string can be.
 * Throws NoJsonFormError for half a surrogate pair, for what is no UTF-8, for more levels than MAX_METADATA_DEPTH, and for
 * too much.
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

  /** The key of a map may be no UTF-8. */
  private keyOf(key: string | symbol): string {
    return key === PROTO_KEY ? '__proto__' : (this.toJson(key) as string);
  }

  private spend(characters: number): void {
    this.unitsLeft -= UNITS_PER_VALUE + characters * UNITS_PER_CHARACTER;
    if (this.unitsLeft < 0) throw new NoJsonFormError('size');
  }
}
