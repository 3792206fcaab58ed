import type { Qrels } from '../tables/read-qrels.js';

export interface TaskText {
  id: string;
  text: string;
}

/** Queries to find documents for, and what was judged. */
export interface RetrievalTask {
  /** Reads the documents, the same ones in the same order each time. */
  documents(): AsyncIterable<TaskText>;
  /** The ids of `documents`, in its order; none twice. */
  documentIds: readonly string[];
  /** Those that are evaluated: each has judgements. */
  queries: readonly TaskText[];
  qrels: Qrels;
  counts: TaskCounts;
}

/** What an evaluation was made of, and what it left out. */
export interface TaskCounts {
  queries: number;
  documents: number;
  /** Query and document pairs that were judged, of the evaluated queries. */
  judgements: number;
  /** Queries whose judgements name no relevant document; each counts as 0 in every mean. */
  queriesWithoutRelevant: number;
  /** Judged pairs of the evaluated queries whose document is not in the corpus; it still counts as not found. */
  judgementsOfUnknownDocuments: number;
  /** Judged queries that are not among the queries; they are left out. */
  unknownQueries: number;
  /** Queries without judgements; they are left out. */
  queriesWithoutJudgements: number;
  /** Documents without text, embedded as they are. */
  emptyDocuments: number;
  /** SQuAD: questions that their paragraph does not answer; they are left out. */
  unanswerableQuestions?: number;
  /** SQuAD: questions in the same words as an earlier one, with which they are one query. */
  repeatedQuestions?: number;
}
