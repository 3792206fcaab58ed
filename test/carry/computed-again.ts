import { idHash } from '../../engine/files/document-hash.js';
import type { VersionContent } from './version-content.js';

/**
 * Returns a sentence for each document that has rows in files of a version's own although the
 * version before has a document of the same id and content.
 */
export function computedAgain(
  ownDocuments: Iterable<string>,
  { before, after }: { before: VersionContent; after: VersionContent },
): string[] {
  return [...ownDocuments].flatMap((id) => {
    const subject = `document ${idHash(id)}`;
    const [old, now] = [contentHashIn(before, subject), contentHashIn(after, subject)];
    return old !== undefined && old === now ? [`document ${id} is computed again, but has not changed`] : [];
  });
}

/** Returns the hash of the content of the record that has the chunks of a document. */
function contentHashIn(content: VersionContent, subject: string): string | undefined {
  const records = (content.get(subject) ?? []).map(
    (fact) => JSON.parse(fact) as { contentHash: string; hasChunks: boolean },
  );
  return records.find(({ hasChunks }) => hasChunks)?.contentHash;
}
