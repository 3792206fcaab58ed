import type { VersionContent } from './version-content.js';

/**
 * Returns a sentence for each subject about which two contents say different things. The findings
 * of verify are no content; see `contentFaults`.
 */
export function contentDifferences(found: VersionContent, expected: VersionContent): string[] {
  const subjects = [...new Set([...expected.keys(), ...found.keys()])].sort();
  return subjects.flatMap((subject) => {
    if (subject === 'verify') return [];
    const [own, other] = [found.get(subject) ?? [], expected.get(subject) ?? []];
    if (own.length === other.length && own.every((fact, place) => fact === other[place])) return [];
    return [`${subject}: ${shown(own)} instead of ${shown(other)}`];
  });
}

/** Returns a sentence for everything in a content that no version may have. */
export function contentFaults(content: VersionContent): string[] {
  return [...content].flatMap(([subject, facts]) => {
    if (subject === 'verify') return facts.map((fact) => `verify finds that ${fact}`);
    const occursOnce = /^(chunk|vector) /.test(subject);
    return occursOnce && facts.length > 1 ? [`${subject} occurs ${facts.length} times`] : [];
  });
}

function shown(facts: readonly string[]): string {
  return facts.length === 0 ? 'nothing' : facts.join('; ');
}
