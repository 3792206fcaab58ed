import type { ColumnMetaData, ParquetParsers, SchemaElement, SchemaTree } from 'hyparquet';
import type { readPage } from 'hyparquet/src/column.js';
import { isMapLike } from 'hyparquet/src/schema.js';
import { type ExactNumber, scaledNumber } from '../exact-number.js';
import { PROTO_KEY } from '../json-value.js';
import { COMPRESSORS, PARSERS } from './parquet-values.js';

type ColumnDecoder = Parameters<typeof readPage>[2];

/** Annotations at which hyparquet 1.31 throws. Such values are handed on as their bytes. */
const UNKNOWN_TYPES: readonly unknown[] = ['BSON', 'INTERVAL'];

/**
 * Returns how hyparquet's page reader decodes a leaf column. `schemaPath` holds the column's
 * elements from the root down. Bytes that no annotation calls text are decoded as text if `asText`
 * says so.
 */
export function columnDecoder(
  schemaPath: SchemaTree[],
  chunk: ColumnMetaData,
  asText: boolean,
): ColumnDecoder {
  const { element } = schemaPath.at(-1)!;
  return {
    pathInSchema: chunk.path_in_schema,
    type: chunk.type,
    schemaPath,
    codec: chunk.codec,
    compressors: COMPRESSORS,
    element,
    parsers: PARSERS,
    utf8: asText,
    ...(isMapKey(schemaPath) ? { parsers: KEY_PARSERS } : typeWithoutHook(element)),
  };
}

/** The keys of maps become members of an object, and `__proto__` would be lost among them. */
const KEY_PARSERS: ParquetParsers = {
  ...PARSERS,
  stringFromBytes: (bytes) => {
    const key: unknown = PARSERS.stringFromBytes(bytes);
    return key === '__proto__' ? PROTO_KEY : key;
  },
};

function isMapKey(schemaPath: SchemaTree[]): boolean {
  const [map, entry, key] = schemaPath.slice(-3);
  return map !== undefined && isMapLike(map) && entry?.children[0] === key;
}

/**
 * Returns what decodes the types that hyparquet would round or refuse and for which it offers its
 * caller no parser.
 */
function typeWithoutHook(element: SchemaElement): Partial<ColumnDecoder> {
  if (UNKNOWN_TYPES.includes(element.converted_type)) return { element: plain(element), utf8: false };
  const scale = scaleOf(element);
  if (scale === undefined) return {};
  // Only as timestamps do raw values of any physical type reach a parser.
  const asTimestamp: SchemaElement = {
    ...plain(element),
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  };
  const parsers = {
    ...PARSERS,
    timestampFromMilliseconds: (raw: unknown) => toDecimal(raw, scale),
  } as unknown as ParquetParsers;
  return { element: asTimestamp, parsers, utf8: false };
}

/** Returns the element without its annotations. */
function plain({ converted_type: _, logical_type: __, ...element }: SchemaElement): SchemaElement {
  return element;
}

function scaleOf({ converted_type, logical_type, scale }: SchemaElement): number | undefined {
  if (logical_type?.type === 'DECIMAL') return logical_type.scale;
  return converted_type === 'DECIMAL' ? (scale ?? 0) : undefined;
}

/**
 * Returns a decimal from its unscaled integer, which is a number or two's complement with the
 * highest byte first.
 */
function toDecimal(raw: unknown, scale: number): number | ExactNumber | undefined {
  if (typeof raw === 'number' || typeof raw === 'bigint') return scaledNumber(BigInt(raw), scale);
  if (!(raw instanceof Uint8Array)) return undefined;
  const unsigned = raw.length === 0 ? 0n : BigInt(`0x${Buffer.from(raw).toString('hex')}`);
  return scaledNumber(BigInt.asIntN(8 * raw.length, unsigned), scale);
}
