import type { Document, RejectCode } from '../../core/document.js';

/**
 * The reason why a record is not a document. The reason names columns and types, never what the
 * record holds.
 */
export interface Rejection {
  code: RejectCode;
  reason: string;
  id?: string;
}

/** The result of reading a record: a document or a rejection. */
export type RecordOutcome = { document: Document } | { rejection: Rejection };

/**
 * The records that a format's reader yields, several at a time: a record's place in its object, and
 * its document or its rejection.
 */
export type RawRecord = {
  unit: 'byte' | 'row';
  at: number;
  /** Present for a row of a table that runs over many lines. */
  longRow?: true;
} & RecordOutcome;

/** Makes the rejection of a record. The reason never quotes the record. */
export function reject(code: RejectCode, reason: string, id?: string): { rejection: Rejection } {
  return { rejection: id === undefined ? { code, reason } : { code, reason, id } };
}

/** Makes the rejection of a record that is larger than the limit. */
export function tooLarge(maxDocumentBytes: number, id?: string): { rejection: Rejection } {
  return reject('TOO_LARGE', `the record is larger than ${maxDocumentBytes} bytes`, id);
}
