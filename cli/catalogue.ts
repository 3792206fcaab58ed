import type { CommandDefinition, CommandGroup, CommandOutline } from './define-command.js';

export type LoadedCommand = CommandDefinition | CommandGroup;

/**
 * A command as help lists it. Its code is loaded when it is called, because the engine behind it
 * takes a second to load.
 */
export interface CatalogueEntry extends CommandOutline {
  /** Whether it only groups other commands. */
  isGroup?: true;
  load(): Promise<LoadedCommand>;
}

/** Every command, in the order in which help lists them. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    usage: 'run <job.yaml>',
    summary: 'Start a job, or attach to it where it runs already, and show its progress; Ctrl-C detaches.',
    load: async () => (await import('./commands/run.js')).runCommand,
  },
  {
    usage: 'embed <input>',
    summary:
      'Embed a folder, a file or a URI in this process, without a job file and without servers; Ctrl-C pauses.',
    load: async () => (await import('./commands/embed.js')).embedCommand,
  },
  {
    usage: 'status <schedule|dataset[@version]>',
    summary:
      'Show what a schedule did last night, or how far a job is; exits with 1 if it failed. Without a version, it is the job started last.',
    load: async () => (await import('./commands/status.js')).statusCommand,
  },
  {
    usage: 'list',
    summary: 'List the jobs that Temporal knows, the latest first.',
    load: async () => (await import('./commands/list.js')).listCommand,
  },
  {
    usage: 'pause <dataset[@version]>',
    summary: 'Pause a job: the parts in hand are finished, and no more are started until `resume`.',
    load: async () => (await import('./commands/control-job.js')).pauseCommand,
  },
  {
    usage: 'resume <dataset[@version]>',
    summary: 'Continue a paused job. (A failed or cancelled job is continued with `run`.)',
    load: async () => (await import('./commands/control-job.js')).resumeCommand,
  },
  {
    usage: 'cancel <dataset[@version]>',
    summary:
      'End a job, or the mining or indexing that workers do. What is finished is kept, and starting it again continues from there.',
    load: async () => (await import('./commands/control-job.js')).cancelCommand,
  },
  {
    usage: 'worker',
    summary:
      'Serve task queues until told to stop. A first Ctrl-C, SIGTERM or SIGHUP finishes the part in hand, and a second ends at once.',
    load: async () => (await import('./commands/worker.js')).workerCommand,
  },
  {
    usage: 'inspect <dataset[@ref|version]|file.parquet>',
    summary: 'Show what a version or a Parquet file holds, without reading it all.',
    load: async () => (await import('./commands/inspect.js')).inspectCommand,
  },
  {
    usage: 'files <dataset[@ref|version]>',
    summary:
      'List the files of a version with the rows of them that live, or print a query for DuckDB, pyarrow or Polars that reads these rows.',
    load: async () => (await import('./commands/files.js')).filesCommand,
  },
  {
    usage: 'export <dataset[@ref|version]> <uri>',
    summary:
      'Write the live rows of a version as plain Parquet, without its history, to a folder or to S3; run it again to resume.',
    load: async () => (await import('./commands/export.js')).exportCommand,
  },
  {
    usage: 'rejects <dataset[@ref|version]>',
    summary: 'List the quarantined documents of a version, readable or not: code, position, id and reason.',
    load: async () => (await import('./commands/rejects.js')).rejectsCommand,
  },
  {
    usage: 'search <dataset[@ref|version]> <query>',
    summary:
      'Show the chunks of a version that fit a query best: by vectors, by an index, by words, or by both, and reranked if asked.',
    load: async () => (await import('./commands/search.js')).searchCommand,
  },
  {
    usage: 'verify <dataset[@ref|version]>',
    summary:
      'Recompute every checksum, count, key range, norm and the probe of a version; exits with 1 on any difference.',
    load: async () => (await import('./commands/verify.js')).verifyCommand,
  },
  {
    usage: 'promote <dataset[@ref|version]>',
    summary:
      'Check that all files of a version are there, and point a ref at it, by compare-and-swap. Readers of the ref then read that version.',
    load: async () => (await import('./commands/promote.js')).promoteCommand,
  },
  {
    usage: 'rollback <dataset[@ref]>',
    summary:
      'Point a ref at the version that it named before, or at another, and hold it there if asked. Readers of the ref then read that version.',
    load: async () => (await import('./commands/rollback.js')).rollbackCommand,
  },
  {
    usage: 'refs',
    summary: 'List refs and their moves, and end the hold of one.',
    isGroup: true,
    load: async () => (await import('./commands/refs.js')).refsCommands,
  },
  {
    usage: 'gc <dataset>',
    summary:
      'Show which versions of a dataset nothing needs any more, and delete them if asked. What refs and other versions need stays.',
    load: async () => (await import('./commands/gc.js')).gcCommand,
  },
  {
    usage: 'encode',
    summary: 'Embed the rows `id, text` of a JSONL file into a Parquet file `id, vector`; needs no Temporal.',
    load: async () => (await import('./commands/encode.js')).encodeCommand,
  },
  {
    usage: 'eval <path>',
    summary:
      'Measure how good a model is at retrieval, sentence similarity or finding answers; needs no Temporal.',
    load: async () => (await import('./commands/eval.js')).evalCommand,
  },
  {
    usage: 'rank',
    summary:
      'Score documents against a query with a cross-encoder and list them best first, or score given pairs.',
    load: async () => (await import('./commands/rank.js')).rankCommand,
  },
  {
    usage: 'mine <mining.yaml>',
    summary:
      'Mine hard negatives for queries over a version, and write training triplets; run it again to resume.',
    load: async () => (await import('./commands/mine.js')).mineCommand,
  },
  {
    usage: 'doctor',
    summary:
      'Check Node, cache, disk, model, settings, Temporal, workers and store, and say what to do; exits with 1 if one failed.',
    load: async () => (await import('./commands/doctor.js')).doctorCommand,
  },
  {
    usage: 'completion <shell>',
    summary:
      'Print a script with which bash, zsh or fish completes commands, options and their values at the Tab key.',
    load: async () => (await import('./commands/completion.js')).completionCommand,
  },
  {
    usage: 'schedule',
    summary: 'Embed, mine and index a dataset every night, one version a night.',
    isGroup: true,
    load: async () => (await import('./commands/schedule.js')).scheduleCommands,
  },
  {
    usage: 'night <schedule.yaml>',
    summary:
      'Run one night of a schedule file without a schedule: embed, mine, index, and move the ref. What an unfinished night left is used.',
    load: async () => (await import('./commands/night.js')).nightCommand,
  },
  {
    usage: 'index',
    summary: 'Build, list and check indexes, which find nearest vectors without comparing all.',
    isGroup: true,
    load: async () => (await import('./commands/index.js')).indexCommands,
  },
  {
    usage: 'model',
    summary: 'Fetch, list, remove, store, convert, distil and describe models.',
    isGroup: true,
    load: async () => (await import('./commands/model.js')).modelCommands,
  },
];

/** Returns the word by which a command is called. */
export function nameOf({ usage }: CommandOutline): string {
  return usage.split(' ')[0] ?? '';
}

/**
 * Loads the code of the commands that a line calls or asks help for, by their names. Without a line
 * it loads all commands, which the completion of a shell needs.
 */
export async function loadCommands(line?: readonly string[]): Promise<ReadonlyMap<string, LoadedCommand>> {
  const [first, second] = line ?? [];
  const called = first === 'help' ? second : first;
  const wanted = CATALOGUE.filter(
    (entry) => line === undefined || called === 'completion' || nameOf(entry) === called,
  );
  return new Map(
    await Promise.all(wanted.map(async (entry) => [nameOf(entry), await entry.load()] as const)),
  );
}
