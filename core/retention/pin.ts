/** The writer of a pin: a workflow, by its id, or a process by itself. */
export type PinOwner = { workflow: string } | { host: string; process: number };

/**
 * The content of `pins/<job>.json`: the versions that a job needs while it works. It is written
 * before anything of them is read.
 */
export interface Pin {
  formatVersion: 1;
  job: string;
  /** The version that the job makes. Null for a job that makes none. */
  makes: string | null;
  /** All versions that the job needs, which include the one that it makes. */
  versions: readonly string[];
  owner: PinOwner;
}

/** Returns whether two owners are the same. */
export function isSameOwner(left: PinOwner, right: PinOwner): boolean {
  return 'workflow' in left
    ? 'workflow' in right && left.workflow === right.workflow
    : 'process' in right && left.host === right.host && left.process === right.process;
}

/** Names an owner in a sentence. */
export function describeOwner(owner: PinOwner): string {
  return 'workflow' in owner
    ? `the workflow ${owner.workflow}`
    : `process ${owner.process} of the host ${owner.host}`;
}
