/**
 * Times nights that carry rows over beside a full run of the same job, with the real model in int8
 * and a graph: `vectormill night --local`, its start included. The corpus is SciFact's abstracts,
 * cut into chunks of 32 tokens, once as an object for each document and once as one JSONL. Options:
 * --documents N.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pullModel } from '../engine/model/fetch/pull.js';
import { CLI } from '../infra/project.js';
import { PROJECT_ROOT } from './project-root.js';
import { saveResult } from './save-result.js';

const { values } = parseArgs({ options: { documents: { type: 'string', default: '5183' } } });
const source = join(PROJECT_ROOT, '..', 'shared', 'data', 'scifact', 'corpus.jsonl');
if (!existsSync(source)) throw new Error('SciFact is not at hand');

interface Document {
  _id: string;
  title: string;
  text: string;
}

interface Measured {
  layout: string;
  change: string;
  seconds: number;
  documents: number;
  chunks: number;
  /** The time beyond that of a night that changes nothing, as a share of that of the full run. */
  share?: number;
}

const { folder: model } = await pullModel('all-MiniLM-L6-v2', { log: console.log });
const lines = (await readFile(source, 'utf8')).trim().split('\n').slice(0, Number(values.documents));
const corpus = lines.map((line) => JSON.parse(line) as Document);
const work = await mkdtemp(join(tmpdir(), 'carry-over-'));
const measured: Measured[] = [];
try {
  await measureObjects();
  await measureJsonl();
  console.table(measured);
  console.log(`kept in ${await saveResult('carry-over', { documents: corpus.length, measured })}`);
} finally {
  await rm(work, { recursive: true, force: true });
}

/** An object for each document. */
async function measureObjects(): Promise<void> {
  const folder = join(work, 'objects');
  const write = (documents: readonly Document[]) =>
    Promise.all(documents.map((document) => writeFile(objectOf(document), JSON.stringify(document))));
  const objectOf = ({ _id }: Document) => join(folder, 'corpus', `${_id.padStart(9, '0')}.jsonl`);
  await mkdir(join(folder, 'corpus'), { recursive: true });
  await write(corpus);
  const layout = 'an object a document';
  const full = await night(folder, layout, 'full run');
  const nothing = await night(folder, layout, 'nothing', { full });
  const since = { full, nothing };
  await write([{ _id: '5', title: 'A new one', text: corpus[0]!.text.toUpperCase() }]);
  await night(folder, layout, 'one file inserted', since);
  await write(edited());
  await night(folder, layout, '1% edited', since);
  for (const document of corpus.filter((_, place) => place % 100 === 50)) await rm(objectOf(document));
  await night(folder, layout, '1% deleted', since);
}

/** All documents in one JSONL, which is rewritten. */
async function measureJsonl(): Promise<void> {
  const folder = join(work, 'jsonl');
  await mkdir(join(folder, 'corpus'), { recursive: true });
  const write = (documents: readonly Document[]) =>
    writeFile(
      join(folder, 'corpus', 'all.jsonl'),
      documents.map((document) => `${JSON.stringify(document)}\n`).join(''),
    );
  await write(corpus);
  const layout = 'one JSONL';
  const full = await night(folder, layout, 'full run');
  const nothing = await night(folder, layout, 'nothing', { full });
  const changed = new Map(edited().map((document) => [document._id, document]));
  await write(corpus.map((document) => changed.get(document._id) ?? document));
  await night(folder, layout, '1% edited, rewritten', { full, nothing });
}

/** Returns every hundredth document with another last sentence. */
function edited(): Document[] {
  return corpus
    .filter((_, place) => place % 100 === 0)
    .map((document) => ({ ...document, text: `${document.text} This sentence was added later.` }));
}

/** Runs a night in a process of its own. */
async function night(
  folder: string,
  layout: string,
  change: string,
  { full, nothing }: { full?: Measured; nothing?: Measured } = {},
): Promise<Measured> {
  const file = join(folder, 'nightly.json');
  const job = {
    dataset: 'bench',
    input: './corpus',
    output: './out',
    model: { source: model, precision: 'int8' },
    chunking: { strategy: 'recursive', max_tokens: 32 },
  };
  await writeFile(file, JSON.stringify({ name: 'bench', cron: '0 2 * * *', job, index: { exact_below: 0 } }));
  const started = performance.now();
  const child = spawn(process.execPath, [CLI, 'night', file, '--local', '--at', 'now', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`the night of "${change}" ended with ${code}: ${printed}`);
  const { counts } = (JSON.parse(printed) as { night: { night: { steps: { counts: never }[] } } }).night.night
    .steps[0]!;
  const { documents = 0, chunks = 0 } = counts ?? {};
  const share = full && nothing && (seconds - nothing.seconds) / full.seconds;
  const result: Measured = {
    layout,
    change,
    seconds,
    documents,
    chunks,
    ...(share !== undefined && { share }),
  };
  measured.push(result);
  console.log(JSON.stringify(result));
  return result;
}
