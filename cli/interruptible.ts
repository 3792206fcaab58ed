import { constants } from 'node:os';

/** Ctrl-C, a supervisor's request to end, and the end of the terminal. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndSignal = (typeof SIGNALS)[number];

export interface Interruption {
  /** Aborted by the first of the signals: stop, or stop waiting, and say what stays. */
  signal: AbortSignal;
  /** Which one it was; undefined while none has come. */
  by(): EndSignal | undefined;
}

/**
 * Runs `work`, which a first Ctrl-C, SIGTERM or SIGHUP asks to stop; a second one ends the process
 * at once.
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
  // Not `once`, which takes the listener away before it is called: signal-exit, which spinners
  // bring along, then finds that nobody else listens, and ends the process.
  listen('on');
  try {
    return await work({ signal: controller.signal, by: () => first });
  } finally {
    listen('off');
  }
}

/**
 * The exit code of a command that let go of work which goes on elsewhere: 0 after Ctrl-C, which
 * asks for just that, and what a shell gives for the signal after one that a script or a supervisor
 * sent.
 */
export function exitCodeOfDetaching(by: EndSignal | undefined): number {
  return by === undefined || by === 'SIGINT' ? 0 : 128 + constants.signals[by];
}

let hungUp = false;

/**
 * Ends the process by SIGHUP where its terminal has gone. Left to end by itself, Node would put the
 * terminal's settings back and abort, because they are no more.
 */
export function endWithTerminal(): void {
  if (hungUp) process.kill(process.pid, 'SIGHUP');
}
