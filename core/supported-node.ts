/**
 * The oldest release of each line of Node that the tests run on; as package.json's `engines` and
 * the README say.
 */
const OLDEST_OF_LINES = [
  [20, 19],
  [22, 13],
  [24, 0],
] as const;

/** What can be said to someone who has another Node. */
export const SUPPORTED_NODES = '20.19, 22.13, or 24 and later';

/**
 * Whether a version of Node, as `22.13.0`, is one that the tests run on, or later than all of them.
 */
export function supportsNode(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [newestLine] = OLDEST_OF_LINES.at(-1)!;
  const line = OLDEST_OF_LINES.find(([oldestMajor]) => oldestMajor === Math.min(major, newestLine));
  return line !== undefined && (major > newestLine || minor >= line[1]);
}
