import { constants } from 'node:os';

/** The signals of Ctrl-C, of a supervisor, and of a terminal that closes. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndSignal = (typeof SIGNALS)[number];

export interface Interruption {
  /**
   * Aborted by the first of the signals. The work should then stop, or stop waiting, and say what
   * remains.
   */
  signal: AbortSignal;
  /** Returns the signal that came first. Undefined while none has come. */
  by(): EndSignal | undefined;
}

/**
 * Runs `work`. A first Ctrl-C, SIGTERM or SIGHUP asks it to stop; a second one ends the process at
 * once.
 */
export async function interruptible<T>(work: (interruption: Interruption) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let first: EndSignal | undefined;
  const listen = (change: 'on' | 'off') => {
    for (const name of SIGNALS) process[change](name, onSignal);
  };
  const onSignal = (name: EndSignal) => {
    if (name === 'SIGHUP') hungUp = true;
    if (first) {
      listen('off');
      process.kill(process.pid, name);
    }
    first ??= name;
    controller.abort();
  };
  // This is not `once`, which removes the listener before it calls it: signal-exit, which spinners
  // bring along, would then find no other listener and end the process.
  listen('on');
  try {
    return await work({ signal: controller.signal, by: () => first });
  } finally {
    listen('off');
  }
}

/**
 * Returns the exit code of a command that stopped waiting for work which goes on elsewhere. It is 0
 * after Ctrl-C, which asks for exactly that. After a signal from a script or a supervisor it is the
 * code that a shell gives for that signal.
 */
export function exitCodeOfDetaching(by: EndSignal | undefined): number {
  return by === undefined || by === 'SIGINT' ? 0 : 128 + constants.signals[by];
}

let hungUp = false;

/**
 * Ends the process by SIGHUP where its terminal is gone. If the process ended by itself, Node would
 * try to restore the settings of the terminal and abort, because the terminal no longer exists.
 */
export function endWithTerminal(): void {
  if (hungUp) process.kill(process.pid, 'SIGHUP');
}
