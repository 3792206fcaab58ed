/** Work that Temporal may be doing at the same time as this process. */
export interface SameWork {
  /** The ids of the workflows that would do it. */
  workflowIds: readonly string[];
  /** The output root that this process writes to. */
  output: string;
  /** Whether stdout is for a program, which then has the finding in the result. */
  json: boolean;
}

/**
 * Finds out, while this process works, whether Temporal does the same work, which is allowed, and
 * says so on stderr. The server is only asked where one is configured. The work never waits for the
 * answer: an answer that comes too late, and every failure to get one, is dropped.
 */
export function searchTemporal({ workflowIds, output, json }: SameWork): {
  /** Returns the id of the workflow, where one was found so far. */
  found(): string | undefined;
  stop(): void;
} {
  const stopped = new AbortController();
  let found: string | undefined;
  const search = async () => {
    const { findRunning } = await import('../temporal/find-running.js');
    const id = await findRunning(workflowIds, output, stopped.signal);
    if (id === undefined || stopped.signal.aborted) return;
    found = id;
    if (!json)
      console.error(
        `note: Temporal runs ${id}, which writes the same; both adopt what the other has finished, and end with one result`,
      );
  };
  search().catch(() => {});
  return { found: () => found, stop: () => stopped.abort() };
}
