import { join, relative } from 'node:path';
import type { JobSpec } from '../../core/job-spec.js';
import { typedCommand } from '../typed-command.js';

/**
 * Returns the lines with the commands to try once a version is complete: those that search and
 * check it, and `more`, which are command lines as they are typed.
 */
export function nextLines(spec: JobSpec, more: readonly string[] = []): string[] {
  const place = placeOf(spec);
  const commands = [
    `${typedCommand(['search', place])} "a question of yours"`,
    typedCommand(['verify', place]),
    ...more,
  ];
  return ['', 'Next:', ...commands.map((command) => `  ${command}`)];
}

/**
 * Returns a version as an argument names it. A folder below the working directory is named from
 * there, with `./` so that it is not taken for a name. The version is named where the ref
 * `current`, which a command reads otherwise, does not move to it.
 */
function placeOf({ output, dataset, version, ref }: JobSpec): string {
  const selector = ref === 'current' ? dataset : `${dataset}@${version}`;
  const folder = /^file:\/\/(\/.*)$/s.exec(output)?.[1];
  if (folder === undefined) return `${output.replace(/\/+$/, '')}/${selector}`;
  const path = relative(process.cwd(), folder);
  const isBelow = path !== '..' && !path.startsWith('../');
  return isBelow ? `./${join(path, selector)}` : join(folder, selector);
}
