import type { LogLevel, LogMetadata, Logger as TemporalLogger } from '@temporalio/worker';
import pino, { type Logger } from 'pino';

/** JSON lines on stderr; the level comes from LOG_LEVEL (default `info`). */
export function createLog(): Logger {
  const stderr = pino.destination({ dest: 2, sync: true });
  // A worker whose terminal has gone still finishes the part in hand.
  stderr.on('error', () => {});
  return pino({ base: null, level: process.env.LOG_LEVEL ?? 'info' }, stderr);
}

/** The SDK's own messages in the same stream. */
export function temporalLogger(log: Logger): TemporalLogger {
  const write = (level: LogLevel, message: string, metadata?: LogMetadata) => {
    const { error, ...rest } = metadata ?? {};
    const fields = error instanceof Error ? { ...rest, error: error.message } : rest;
    log[PINO_LEVELS[level]](fields, message);
  };
  return {
    log: write,
    trace: (message, metadata) => write('TRACE', message, metadata),
    debug: (message, metadata) => write('DEBUG', message, metadata),
    info: (message, metadata) => write('INFO', message, metadata),
    warn: (message, metadata) => write('WARN', message, metadata),
    error: (message, metadata) => write('ERROR', message, metadata),
  };
}

/** The SDK's info is about its own life, which an operator needs only when something is wrong. */
const PINO_LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
