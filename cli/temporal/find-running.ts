import { probeServer } from './probe-server.js';
import { isTemporalConfigured, temporalSettings } from './temporal-settings.js';

/** The longest time that one request may take, in ms. */
const REQUEST_MS = 5000;

/**
 * Returns the first of these workflows that runs on the configured Temporal server and, as far as
 * it says where, writes to `output`. Undefined where none does, and where no server is configured
 * or answers. The client is loaded only where one answers. Once `signal` is aborted, no request
 * keeps the process from ending. Errors: those of the settings and of the requests.
 */
export async function findRunning(
  workflowIds: readonly string[],
  output: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!isTemporalConfigured()) return undefined;
  const { answers } = await probeServer(temporalSettings(), signal);
  if (answers !== true || signal.aborted) return undefined;
  const [{ withTemporal }, { untilAborted }, { readMemo, unreadClient }] = await Promise.all([
    import('../job/connect.js'),
    import('../job/until-aborted.js'),
    import('../job/unread-client.js'),
  ]);
  return withTemporal(async (client) => {
    const unread = unreadClient(client);
    for (const id of workflowIds) {
      const handle = unread.workflow.getHandle(id);
      const described = await untilAborted(unread, signal, () =>
        unread.withDeadline(Date.now() + REQUEST_MS, () => handle.describe()),
      ).catch(() => undefined);
      if (described?.status.name !== 'RUNNING') continue;
      const memo = described.raw.workflowExecutionInfo?.memo;
      const { value: own } = await readMemo<string>(client, memo, 'output');
      const { value: record } = await readMemo<NamedOutput>(client, memo, 'record');
      if (writesTo(own ?? record?.spec?.output, output)) return id;
    }
    return undefined;
  });
}

/** The part of a mining job that says where it writes. */
interface NamedOutput {
  spec?: { output?: string };
}

/**
 * Says whether a workflow writes to an output root. One that does not say where may do so, and so
 * may one of which this process has not the key.
 */
function writesTo(named: string | undefined, output: string): boolean {
  return named === undefined || named.replace(/\/+$/, '') === output.replace(/\/+$/, '');
}
