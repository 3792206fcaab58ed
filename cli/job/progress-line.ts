import { counted } from '../../core/counted.js';
import type { JobView } from './progress-tracker.js';

/**
 * Returns one line with phase, shards, chunks/s, tok/s, ETA, retries and rejects, as far as they
 * are known.
 */
export function progressLine(view: JobView): string {
  const { phase, shards, rates } = view;
  const parts = [
    phase,
    view.share === null ? '' : `${Math.floor(view.share * 100)}%`,
    shards === null ? '' : `${count(shards.done)}/${counted(shards.total, 'shard')}`,
    view.chunks ? counted(view.chunks, 'chunk') : known(view.documents, 'document'),
    view.chunks && rates ? `${rates.chunksPerSecond.toFixed(1)} chunks/s` : '',
    view.chunks && rates ? `${count(rates.tokensPerSecond)} tok/s` : '',
    `ETA ${rates?.etaMs === undefined ? '–' : duration(rates.etaMs)}`,
    counted(view.retries, 'retry', 'retries'),
    known(view.rejects, 'reject'),
    view.note ?? '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** Returns a count in words. An unknown count is empty, and not shown as zero. */
function known(value: number | null, what: string): string {
  return value === null ? '' : counted(value, what);
}

/** Returns a whole number with separators, for example `1,234`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Returns a duration in words, for example `2h 03m`, `4m 05s`, `6s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`;
  if (seconds >= 60) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  return `${seconds}s`;
}
