export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** Thrown for a string that holds half a surrogate pair: it has no UTF-8 form. */
export class LoneSurrogateError extends Error {}

/**
 * What a column holds as JSON, the same on every run: integers beyond 2⁵³ as decimal strings, dates as ISO 8601 in UTC,
 * bytes as Base64, NaN and the infinities as null.
 * Throws LoneSurrogateError.
 */
export function toJsonValue(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new LoneSurrogateError();
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'boolean':
      return value;
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
    case 'object':
      return value === null ? null : objectToJson(value);
    default:
      return null;
  }
}

function objectToJson(value: object): JsonValue {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toJsonValue);
  if (ArrayBuffer.isView(value))
    return Array.from(value as unknown as Iterable<number | bigint>, toJsonValue);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [toJsonValue(key) as string, toJsonValue(item)]),
  );
}
