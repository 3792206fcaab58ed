import type { NamedRefMove } from '../../engine/version/move-ref.js';

/**
 * Returns a move of `test@current` to a version. Without an expected generation it goes by the
 * time, as a job of an earlier release does.
 */
export function refMove(version: string, expected?: number, movedAt = 7): NamedRefMove {
  const fingerprint = 'f'.repeat(64);
  const move = { dataset: 'test', ref: 'current', version, fingerprint, movedAt, expected };
  return { ...move, by: 'job', writeId: `job ${version}` };
}
