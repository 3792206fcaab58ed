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

/** What an evaluation was made of, and what it left out. */
export interface TaskCounts {
  queries: number;
  documents: number;
  /** How many pairs of a query and a document were judged, over the evaluated queries. */
  judgements: number;
  /**
   * How many queries have no relevant document in their judgements. Each counts as 0 in every mean.
   */
  queriesWithoutRelevant: number;
  /**
   * How many judged pairs of the evaluated queries name a document that is not in the corpus. Such
   * a document counts as not found.
   */
  judgementsOfUnknownDocuments: number;
  /** How many judged queries are not among the queries. They are left out. */
  unknownQueries: number;
  /** How many queries have no judgements. They are left out. */
  queriesWithoutJudgements: number;
  /** How many documents have no text. They are embedded as they are. */
  emptyDocuments: number;
  /** For SQuAD: how many questions their paragraph does not answer. They are left out. */
  unanswerableQuestions?: number;
  /**
   * For SQuAD: how many questions have the same words as an earlier one. Together, they are one
   * query.
   */
  repeatedQuestions?: number;
}
