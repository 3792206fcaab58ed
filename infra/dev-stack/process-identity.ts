import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A process, identified so that it cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  pid: number;
  /**
   * In the words of the system: clock ticks since boot with the boot's id on Linux, a local time
   * elsewhere.
   */
  startTime: string;
}

/** Throws an Error when the process has already ended. */
export async function readProcessIdentity(pid: number): Promise<ProcessIdentity> {
  const startTime = await startTimeOf(pid);
  if (startTime === undefined) throw new Error(`process ${pid} is not running`);
  return { pid, startTime };
}

/** Returns whether this very process still runs. A zombie does not. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await startTimeOf(identity.pid)) === identity.startTime;
}

/**
 * Sends SIGTERM, and SIGKILL after `graceMs`, to this very process only. Resolves when it has ended
 * and says how: `gone` means that it was not running, whatever process now has its number.
 */
export async function stopProcess(
  identity: ProcessIdentity,
  graceMs: number,
): Promise<'gone' | 'stopped' | 'killed'> {
  if (!(await signal(identity, 'SIGTERM'))) return 'gone';
  const deadline = Date.now() + graceMs;
  while (Date.now() < deadline) {
    if (!(await isRunning(identity))) return 'stopped';
    await sleep(50);
  }
  if (!(await signal(identity, 'SIGKILL'))) return 'stopped';
  while (await isRunning(identity)) await sleep(20);
  return 'killed';
}

async function signal(identity: ProcessIdentity, name: NodeJS.Signals): Promise<boolean> {
  if (!(await isRunning(identity))) return false;
  try {
    process.kill(identity.pid, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function startTimeOf(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

/**
 * Reads field 22 of /proc/<pid>/stat (proc(5)); the name in field 2 may itself hold spaces and
 * parentheses.
 */
async function startTimeFromProc(pid: number): Promise<string | undefined> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    ]);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : `${fields[19]} ${boot.trim()}`.trim();
  } catch {
    return undefined;
  }
}

async function startTimeFromPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      env: { ...process.env, LC_ALL: 'C' },
    });
    const [state = '', ...started] = stdout.trim().split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : started.join(' ');
  } catch {
    return undefined;
  }
}
