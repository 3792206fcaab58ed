import type { LogLevel, LogMetadata, Logger as TemporalLogger } from '@temporalio/worker';
import pino, { type Logger } from 'pino';

/** Writes JSON lines to stderr. The level comes from LOG_LEVEL and is `info` by default. */
export function createLog(): Logger {
  const stderr = pino.destination({ dest: 2, sync: true });
  // A worker whose terminal is gone still finishes its current part.
  stderr.on('error', () => {});
  return pino({ base: null, level: process.env.LOG_LEVEL ?? 'info' }, stderr);
}

/** Writes the SDK's own messages to the same stream. */
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

/**
 * The SDK's info messages are about its own life cycle, which an operator needs only when something
 * is wrong.
 */
const PINO_LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
