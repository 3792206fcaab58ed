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
  const [{ withTemporal }, { untilAborted }] = await Promise.all([
    import('../job/connect.js'),
    import('../job/until-aborted.js'),
  ]);
  return withTemporal(async (client) => {
    for (const id of workflowIds) {
      const handle = client.workflow.getHandle(id);
      const described = await untilAborted(client, signal, () =>
        client.withDeadline(Date.now() + REQUEST_MS, () => handle.describe()),
      ).catch(() => undefined);
      if (described?.status.name === 'RUNNING' && writesTo(described.memo, output)) return id;
    }
    return undefined;
  });
}

/** Says whether a workflow writes to an output root. One that does not say where may do so. */
function writesTo(memo: Record<string, unknown> | undefined, output: string): boolean {
  const { record, output: own } = (memo ?? {}) as {
    output?: string;
    record?: { spec?: { output?: string } };
  };
  const named = own ?? record?.spec?.output;
  return named === undefined || named.replace(/\/+$/, '') === output.replace(/\/+$/, '');
}
