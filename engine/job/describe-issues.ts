import type { z } from 'zod';

/** The name that a reader of YAML uses for each kind of value. */
const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  bigint: 'a number',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a mapping of keys and values',
  record: 'a mapping of keys and values',
  string: 'a text',
};

/** Describes what a schema found wrong in the values of a file, with the key of each. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], values: unknown): string {
  return issues.map((issue) => describeIssue(issue, values)).join('; ');
}

function describeIssue(issue: z.core.$ZodIssue, values: unknown): string {
  const path = issue.path.join('.');
  const value = valueAt(values, issue.path);
  const isKind = ['invalid_type', 'invalid_union', 'invalid_value'].includes(issue.code);
  if (path && value === undefined && isKind) return `\`${path}\` is missing`;
  if (issue.code === 'invalid_union') {
    const heads = issue.errors.flatMap(([head]) =>
      head?.code === 'invalid_type' && head.path.length === 0 ? [head.expected] : [],
    );
    if (path && heads.length === issue.errors.length) return `\`${path}\`: ${wrongKind(heads, value)}`;
    // The mapping form is the last branch, and its message says what to correct.
    const branch = issue.errors.at(-1) ?? [];
    return branch
      .map((inner) => describeIssue({ ...inner, path: [...issue.path, ...inner.path] }, values))
      .join('; ');
  }
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `\`${path ? `${path}.` : ''}${key}\``).join(', ');
    return `unknown ${issue.keys.length > 1 ? 'keys' : 'key'} ${keys}`;
  }
  if (issue.code !== 'invalid_type') return path ? `\`${path}\`: ${issue.message}` : issue.message;
  if (!path) return wholeFile(value);
  // A message that the schema itself gives says more than the names of two kinds.
  const words = issue.message.startsWith('Invalid input')
    ? wrongKind([issue.expected], value)
    : issue.message;
  return `\`${path}\`: ${words}`;
}

function wholeFile(value: unknown): string {
  if (value === undefined || value === null) return 'the file is empty';
  return `the file holds ${kindOf(value)}, and must hold keys with values`;
}

function wrongKind(expected: readonly string[], value: unknown): string {
  const wanted = `must be ${expected.map((kind) => KINDS[kind] ?? kind).join(' or ')}`;
  if (value === null) return `has no value, and ${wanted}`;
  return expected.includes('int') && typeof value === 'number'
    ? wanted
    : `is ${kindOf(value)}, and ${wanted}`;
}

/** Returns what a reader of YAML calls a value, such as `a list`. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return KINDS.array!;
  return KINDS[typeof value] ?? typeof value;
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  let value = values;
  for (const key of path) {
    if (value === null || value === undefined) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
