import { encodingOf } from '../../core/manifest.js';
import { needsRanges } from '../../core/vector-precision.js';
import { idHash } from '../../engine/files/document-hash.js';
import type { NightVersions } from './corpus-nights.js';
import type { OwnRows, VersionContent } from './version-content.js';

/**
 * Returns a sentence for everything that a night has computed although the version before has it:
 * documents of the same id and content, and texts. Nothing is expected of a version that may not
 * carry rows over.
 */
export function computedAgain(
  { continued, embeddedTexts }: Pick<NightVersions, 'continued' | 'embeddedTexts'>,
  own: OwnRows,
  { before, after }: { before: VersionContent; after: VersionContent },
): string[] {
  if (!continued.job.carry) return [];
  const known = new Set(
    [...before].flatMap(([subject, facts]) => (subject.startsWith('chunk ') ? facts.map(textIn) : [])),
  );
  const documents = [...own.documents].filter((id) => {
    const subject = `document ${idHash(id)}`;
    const hash = contentHashIn(before, subject);
    return hash !== undefined && hash === contentHashIn(after, subject);
  });
  // Float32 vectors, whose ranges the version needs, do not follow from the stored numbers.
  const isLent = !needsRanges(encodingOf(continued.manifest).precision);
  // A text is computed once in a part.
  const unknown = own.texts.map((texts) => [...texts].filter((text) => !known.has(text)).length);
  const expected = unknown.reduce((sum, texts) => sum + texts, 0);
  return [
    ...documents.map((id) => `document ${id} is computed again, but has not changed`),
    ...(isLent && embeddedTexts > expected
      ? [`${embeddedTexts} texts were embedded, but ${expected} are new`]
      : []),
  ];
}

/** Returns the hash of the content of the record that has the chunks of a document. */
function contentHashIn(content: VersionContent, subject: string): string | undefined {
  const records = (content.get(subject) ?? []).map(
    (fact) => JSON.parse(fact) as { contentHash: string; hasChunks: boolean },
  );
  return records.find(({ hasChunks }) => hasChunks)?.contentHash;
}

function textIn(chunkFact: string): string {
  return (JSON.parse(chunkFact) as { textSha256: string }).textSha256;
}
