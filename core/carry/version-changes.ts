import type { ResolvedCounts } from './resolved-documents.js';

/** The numbers of documents by what became of them since the parent. */
export interface VersionChanges {
  /** Documents whose ids the parent does not have. */
  added: number;
  /** Documents of which the parent has another content. */
  changed: number;
  /** Documents of the parent whose ids the corpus does not have any more. */
  deleted: number;
  /** Documents whose rows are carried over. */
  carried: number;
}

/** Returns what became of the documents since the parent. */
export function changesOf({ added, changed, deleted, carried }: ResolvedCounts): VersionChanges {
  return {
    added: added.documents,
    changed: changed.documents,
    deleted: deleted.documents,
    carried: carried.documents,
  };
}
