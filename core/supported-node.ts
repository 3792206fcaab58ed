/**
 * The oldest release of each line of Node on which the tests run, as in package.json's `engines`
 * and the README.
 */
const OLDEST_OF_LINES = [
  [20, 19],
  [22, 13],
  [24, 0],
] as const;

/** The supported releases in words, for users of another Node. */
export const SUPPORTED_NODES = '20.19, 22.13, or 24 and later';

/**
 * Returns whether a version of Node, such as `22.13.0`, is one on which the tests run, or later
 * than all of them.
 */
export function supportsNode(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [newestLine] = OLDEST_OF_LINES.at(-1)!;
  const line = OLDEST_OF_LINES.find(([oldestMajor]) => oldestMajor === Math.min(major, newestLine));
  return line !== undefined && (major > newestLine || minor >= line[1]);
}
