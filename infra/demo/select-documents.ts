import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../engine/files/hash.js';

/**
 * A smaller README says little more than the name of its package. One larger page would take the
 * place of dozens.
 */
const MIN_BYTES = 500;
const MAX_BYTES = 24_000;

const DOCUMENTATION = /^(?:readme|changelog|changes|history)\b.*\.(?:md|markdown)$/i;
const PAGE = /(?:^|\/)docs?\/.*\.(?:md|markdown)$/i;

export interface SelectedDocument {
  /** The path below the folder that was searched, with `/`. */
  path: string;
  text: Buffer;
}

/**
 * Selects READMEs, changelogs and documentation pages below `folder`, in path order, up to about
 * `budgetBytes` in all. The same packages always give the same selection. Files are taken in the
 * order of the hashes of their paths, so that they come from packages of every letter. Equal texts
 * count once.
 */
export async function selectDocuments(folder: string, budgetBytes: number): Promise<SelectedDocument[]> {
  const paths = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((path) => PAGE.test(path) || DOCUMENTATION.test(path.slice(path.lastIndexOf('/') + 1)));
  const drawn = paths
    .map((path) => ({ path, order: sha256(path) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1));
  const chosen: SelectedDocument[] = [];
  const seen = new Set<string>();
  let bytes = 0;
  for (const { path } of drawn) {
    const text = await readFile(join(folder, path));
    const content = sha256(text);
    if (text.length < MIN_BYTES || text.length > MAX_BYTES || seen.has(content)) continue;
    if (bytes + text.length > budgetBytes) break;
    seen.add(content);
    bytes += text.length;
    chosen.push({ path, text });
  }
  return chosen.sort((a, b) => (a.path < b.path ? -1 : 1));
}
