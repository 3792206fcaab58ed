import { seededRandom } from '../../../core/seeded-random.js';
import { streamOf } from '../schedule/stream-of.js';

/** The number of documents at the beginning. */
const DOCUMENTS = 5;

/**
 * Returns what a corpus holds on each of some nights, as one row a document: `d3.1` is the first
 * revision of the document `d3`. From night to night a few documents are changed, added, removed.
 */
export function drawnCorpus(seed: number, nights: number): string[][] {
  const random = seededRandom(seed, streamOf('corpus'));
  const revisions = new Map(Array.from({ length: DOCUMENTS }, (_, number) => [`d${number}`, 1]));
  let added = DOCUMENTS;
  const states: string[][] = [];
  for (let night = 0; night < nights; night += 1) {
    if (night > 0) {
      const ids = [...revisions.keys()];
      const any = () => ids[Math.floor(random() * ids.length)]!;
      const edited = any();
      revisions.set(edited, revisions.get(edited)! + 1);
      if (random() < 0.7 && revisions.size > 2) revisions.delete(any());
      if (random() < 0.7) revisions.set(`d${added++}`, 1);
    }
    states.push([...revisions].map(([id, revision]) => `${id}.${revision}`).sort());
  }
  return states;
}
