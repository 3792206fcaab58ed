/**
 * Returns a number of things in words: `1 graph`, `1,234 graphs`, `0 queries`. Give `many` where
 * the plural is not `one` with an s.
 */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString('en-US')} ${value === 1 ? one : many}`;
}
