import type { OpenVersion } from './open-version.js';

const results = new WeakMap<OpenVersion, Map<string, Promise<unknown>>>();

/**
 * Returns what `read` resolves to, which is asked once for each open version and key, however many
 * shards need it. It serves for files that are never written again, and that are small enough to
 * stay in memory as long as the version is open. A failure is not kept.
 */
export function readOnce<T>(version: OpenVersion, key: string, read: () => Promise<T>): Promise<T> {
  const known = results.get(version) ?? new Map<string, Promise<unknown>>();
  results.set(version, known);
  const earlier = known.get(key) as Promise<T> | undefined;
  if (earlier) return earlier;
  const result = read();
  known.set(key, result);
  result.catch(() => known.delete(key));
  return result;
}
