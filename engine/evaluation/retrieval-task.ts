import type { Qrels } from '../tables/read-qrels.js';

export interface TaskText {
  id: string;
  text: string;
}

/** Queries for which documents are to be found, and the judgements. */
export interface RetrievalTask {
  /** Reads the documents, which are the same and in the same order each time. */
  documents(): AsyncIterable<TaskText>;
  /** The ids of `documents`, in its order. Each occurs once. */
  documentIds: readonly string[];
  /** The queries that are evaluated. Each has judgements. */
  queries: readonly TaskText[];
  qrels: Qrels;
  counts: TaskCounts;
}

/**
 * Counts of the queries, judgements and documents that an evaluation used and of those that it left
 * out.
 */
export interface TaskCounts {
  queries: number;
  documents: number;
  /** The number of judged pairs of a query and a document, over the evaluated queries. */
  judgements: number;
  /**
   * The number of queries that have no relevant document in their judgements. Each counts as 0 in
   * every mean.
   */
  queriesWithoutRelevant: number;
  /**
   * The number of judged pairs of the evaluated queries that name a document that is not in the
   * corpus. Such a document counts as not found.
   */
  judgementsOfUnknownDocuments: number;
  /** The number of judged queries that are not among the queries. They are left out. */
  unknownQueries: number;
  /** The number of queries that have no judgements. They are left out. */
  queriesWithoutJudgements: number;
  /** The number of documents that have no text. They are embedded as they are. */
  emptyDocuments: number;
  /** The number of questions of SQuAD that their paragraph does not answer. They are left out. */
  unanswerableQuestions?: number;
  /**
   * The number of questions of SQuAD that have the same words as an earlier one. Together, they are
   * one query.
   */
  repeatedQuestions?: number;
}
