import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where `make up` notes the servers that it started. */
const STACK_FILE = '.vectormill/stack.env';

/**
 * Fills unset variables from the dev stack of this folder, so that commands find the servers that `make up` started.
 * Variables that are set always win; a configured Temporal address says that another stack is meant.
 */
export function loadDevStack(environment: NodeJS.ProcessEnv, folder: string): void {
  const file = resolve(folder, STACK_FILE);
  if (environment.TEMPORAL_ADDRESS || !existsSync(file)) return;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const match = /^(?:export )?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim());
    if (match?.[1] && environment[match[1]] === undefined) environment[match[1]] = unquote(match[2] ?? '');
  }
}

export interface TemporalSettings {
  address: string;
  namespace: string;
}

export function temporalSettings(environment: NodeJS.ProcessEnv = process.env): TemporalSettings {
  return {
    address: environment.TEMPORAL_ADDRESS ?? 'localhost:7233',
    namespace: environment.TEMPORAL_NAMESPACE ?? 'default',
  };
}

function unquote(value: string): string {
  return /^(['"]).*\1$/.test(value) ? value.slice(1, -1) : value;
}
