const MARK = '//# sourceMappingURL=data:application/json;charset=utf-8;base64,';

/**
 * Returns a bundle whose source map has neither the texts of the sources nor the folder `root` in
 * which they lie; `root` ends with a slash. A worker reads only names and positions for its stack
 * traces; the texts would be half of the bundle, and the folder is nobody's concern where the
 * bundle is installed.
 */
export function withoutSources(bundle: string, root: string): string {
  const at = bundle.lastIndexOf(MARK);
  if (at < 0) return bundle;
  const encoded = bundle.slice(at + MARK.length);
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString()) as { sources: string[] };
  // Webpack names what it leaves out by several paths in one text.
  const sources = map.sources.map((source) => source.replaceAll(root, ''));
  const { sourcesContent: _, ...slim } = { sourcesContent: null, ...map, sources };
  return `${bundle.slice(0, at)}${MARK}${Buffer.from(JSON.stringify(slim)).toString('base64')}`;
}
