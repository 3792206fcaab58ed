import { join } from 'node:path';

/** A command line, without the program's name, and the exit code that it ends with. */
export interface OutputLine {
  line: string[];
  code: number;
}

const done = (...line: string[]): OutputLine => ({ line, code: 0 });
const refused = (...line: string[]): OutputLine => ({ line, code: 2 });

/**
 * Returns command lines that need no server. They use a dataset at `place`, the folder of a model,
 * and files in `folder` to read and to write.
 */
export function linesWithoutServer(folder: string, place: string, model: string): OutputLine[] {
  const at = (name: string) => join(folder, name);
  const texts = at('texts.jsonl');
  return [
    done('--version'),
    done('inspect', place),
    done('inspect', place, '--files', '--json'),
    done('files', place),
    done('files', place, '--query', 'duckdb'),
    done('export', place, at('exported')),
    done('rejects', place),
    done('search', place, 'a b', '--explain'),
    done('verify', place),
    done('index', 'build', place),
    done('index', 'list', place),
    done('index', 'verify', place),
    done('promote', `${place}@v1`, '--ref', 'other'),
    done('rollback', place, '--to', 'v1'),
    done('refs', 'list', place),
    done('refs', 'log', place),
    done('refs', 'release', place),
    done('gc', place),
    done('gc', place, '--delete'),
    done('mine', at('mine.yaml')),
    done('model', 'show', model),
    done('model', 'list'),
    done('model', 'convert', model, '--output', at('model.onnx'), '--overwrite'),
    done('model', 'distill', model, '--output', at('static'), '--overwrite'),
    done('encode', '--model', model, '--input', texts, '--output', at('vectors.parquet'), '--overwrite'),
    done('eval', at('pairs.csv'), '--model', model),
    done('rank', '--model', at('cross-encoder'), '--query', 'a b', '--input', texts),
    done('completion', 'bash'),
    done('embed', texts, '--model', model, '--output', at('embedded')),
    refused('model', 'pull', 'no-such-model'),
    refused('model', 'remove', 'no-such-model'),
    refused('model', 'push', 'no-such-model', at('models')),
    refused(),
    refused('run', at('none.yaml')),
    refused('search', place, ''),
    refused('inspect', 'x', '--jsn'),
    refused('worker', '--queues', 'none'),
  ];
}

/**
 * Returns command lines that ask Temporal. They use `job.yaml`, `mine.yaml` and `nightly.yaml` in
 * `folder`, which name a dataset and a schedule `name`.
 */
export function linesOnTemporal(folder: string, name: string, model: string): OutputLine[] {
  const at = (file: string) => join(folder, file);
  return [
    done('run', at('job.yaml'), '--dry-run'),
    done('run', at('job.yaml')),
    done('run', at('job.yaml')),
    done('run', at('job.yaml'), '--version', 'v2', '--detach'),
    done('status', `${name}@v1`),
    done('list'),
    done('list', '--status'),
    refused('pause', `${name}@v1`),
    refused('resume', `${name}@v1`),
    refused('cancel', `${name}@v1`),
    done('mine', at('mine.yaml'), '--temporal'),
    done('index', 'build', name, '--temporal'),
    done('doctor', '--model', model),
    done('schedule', 'create', at('nightly.yaml')),
    refused('schedule', 'create', at('job.yaml')),
    done('schedule', 'list'),
    done('schedule', 'pause', name),
    done('schedule', 'resume', name),
    done('night', at('nightly.yaml'), '--local'),
    done('night', at('nightly.yaml'), '--temporal', '--at', '2026-03-01T02:00:00Z'),
    done('schedule', 'trigger', name, '--wait'),
    done('status', name),
    refused('schedule', 'cancel', name),
    done('schedule', 'delete', name),
  ];
}
