import {
  compareDecimals,
  type Decimal,
  decimalOf,
  isHeldByDouble,
  isKeptAsText,
  readDecimal,
} from '../decimal.js';
import { VectormillError } from '../errors.js';

/** The longest operators come first, so that `>=` is not read as `>`. */
const OPERATORS = ['>=', '<=', '!=', '=', '>', '<'] as const;
export type FilterOperator = (typeof OPERATORS)[number];

/** A condition on one field of a chunk. */
export interface Filter {
  key: string;
  operator: FilterOperator;
  /** The text after the operator, as it was written. */
  value: string;
}

/**
 * A chunk's fields by name: its document's metadata, and also `doc_id` and `title` where the
 * metadata has no such key.
 */
export type FilterFields = Readonly<Record<string, unknown>>;

/** The fields by which every chunk can be filtered. */
export const CHUNK_FIELDS = ['doc_id', 'title'] as const;

/** The first operator separates key and value. The value may contain others. */
const CONDITION = /^([^<>=!]+)(>=|<=|!=|=|>|<)(.*)$/su;
const DATE = /^\d{4}-\d{2}(-\d{2}([T ].*)?)?$/u;

/**
 * Reads a filter such as `year>=2020`: a key, an operator and a value, with optional spaces around
 * each. Order operators (`>=` and so on) compare numbers, or dates that begin with `YYYY-MM`.
 * Error: USAGE for any other text.
 */
export function parseFilter(text: string): Filter {
  const [, key = '', operator = '=', value = ''] = CONDITION.exec(text) ?? [];
  if (key.trim() === '' || value.startsWith('='))
    throw refuse(`${JSON.stringify(text)} is no condition on a field`);
  const filter = { key: key.trim(), operator: operator as FilterOperator, value: value.trim() };
  if (isEquality(filter.operator)) return filter;
  if (readDecimal(filter.value) === undefined && !DATE.test(filter.value))
    throw refuse(`${JSON.stringify(text)} compares with neither a number nor a date`);
  return filter;
}

/** Checks the keys of filters. Error: USAGE for a key that no chunk of the version can have. */
export function assertFilterKeys(filters: readonly Filter[], known: readonly string[]): void {
  const unknown = filters.find(({ key }) => !known.includes(key));
  if (!unknown) return;
  throw new VectormillError('USAGE', `no chunk has a field ${JSON.stringify(unknown.key)}`, {
    component: 'search',
    remedy: `Filter by: ${known.join(', ')}. A job keeps further columns where \`input.columns.metadata\` names them.`,
  });
}

/**
 * Returns whether all conditions hold. Texts are equal letter by letter, numbers by value, and a
 * list is equal where one of its members is. Numbers are compared by all their digits, also those
 * that are kept as text because no double holds them. A field that is absent or null meets no
 * condition, not even `!=`. A text meets no order of numbers, unless it is a number itself.
 */
export function matchesFilters(filters: readonly Filter[], fields: FilterFields): boolean {
  return filters.every((filter) => {
    const field = Object.hasOwn(fields, filter.key) ? fields[filter.key] : undefined;
    if (field === undefined || field === null) return false;
    if (filter.operator === '!=') return !membersOf(field).some((member) => isEqual(member, filter.value));
    return membersOf(field).some((member) => holds(member, filter));
  });
}

function holds(member: unknown, { operator, value }: Filter): boolean {
  if (isEquality(operator)) return isEqual(member, value);
  const bound = readDecimal(value);
  const order = bound ? orderOfNumbers(member, bound, value) : orderOfDates(member, value);
  if (order === undefined) return false;
  switch (operator) {
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order < 0;
  }
}

function isEquality(operator: FilterOperator): boolean {
  return operator === '=' || operator === '!=';
}

function membersOf(field: unknown): readonly unknown[] {
  return Array.isArray(field) ? field : [field];
}

function isEqual(member: unknown, value: string): boolean {
  if (typeof member === 'object') return JSON.stringify(member) === value;
  if (String(member) === value) return true;
  if (typeof member === 'boolean' || (typeof member === 'string' && !isKeptAsText(member))) return false;
  const wanted = readDecimal(value);
  return wanted !== undefined && orderOfNumbers(member, wanted, value) === 0;
}

/**
 * Compares a member with a number. The result is below, equal to or above 0, or undefined where the
 * member is not a number.
 */
function orderOfNumbers(member: unknown, bound: Decimal, spelled: string): number | undefined {
  if (typeof member === 'number') {
    return isHeldByDouble(spelled) ? member - Number(spelled) : compareDecimals(decimalOf(member), bound);
  }
  const own = typeof member === 'string' ? readDecimal(member.trim()) : undefined;
  return own && compareDecimals(own, bound);
}

/** Dates of ISO 8601 have the same order as their texts. */
function orderOfDates(member: unknown, bound: string): number | undefined {
  if (typeof member !== 'string' || !DATE.test(member)) return undefined;
  if (member === bound) return 0;
  return member > bound ? 1 : -1;
}

function refuse(message: string): VectormillError {
  return new VectormillError('USAGE', message, {
    component: 'search',
    remedy: `Write key, operator and value, such as \`language=en\` or \`year>=2020\`; operators are ${OPERATORS.join(' ')}.`,
  });
}
