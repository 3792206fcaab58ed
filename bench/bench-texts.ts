import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from './project-root.js';

const SHARED = join(PROJECT_ROOT, '..', 'shared', 'data');
const MODULES = join(PROJECT_ROOT, 'node_modules');

export interface BenchTexts {
  /** The origin of the texts, for the report. */
  origin: string;
  texts: string[];
}

/**
 * Returns real texts, long and short ones mixed. Where the shared data lies beside the project,
 * they are scientific abstracts, encyclopedia paragraphs and questions; elsewhere they are
 * paragraphs of the README files below node_modules. On one machine they are always the same.
 */
export async function benchTexts(count: number): Promise<BenchTexts> {
  const [origin, pool] = existsSync(SHARED)
    ? (['SciFact abstracts, XQuAD paragraphs and questions', await sharedTexts()] as const)
    : (['paragraphs of READMEs in node_modules', await readmeTexts()] as const);
  const step = Math.max(1, Math.floor(pool.length / count));
  return { origin, texts: pool.filter((_, index) => index % step === 0).slice(0, count) };
}

async function sharedTexts(): Promise<string[]> {
  const lines = (await readFile(join(SHARED, 'scifact', 'corpus.jsonl'), 'utf8')).trim().split('\n');
  const abstracts = lines.slice(0, 600).map((line) => (JSON.parse(line) as { text: string }).text);
  const squad = JSON.parse(await readFile(join(SHARED, 'xquad', 'xquad.en.json'), 'utf8')) as {
    data: { paragraphs: { context: string; qas: { question: string }[] }[] }[];
  };
  const paragraphs = squad.data.flatMap((article) => article.paragraphs);
  return [
    ...abstracts,
    ...paragraphs.map((paragraph) => paragraph.context),
    ...paragraphs.flatMap((paragraph) => paragraph.qas.map((qa) => qa.question)),
  ];
}

async function readmeTexts(): Promise<string[]> {
  const names = (await readdir(MODULES)).filter((name) => !name.startsWith('.')).sort();
  const texts: string[] = [];
  for (const name of names) {
    const text = await readFile(join(MODULES, name, 'README.md'), 'utf8').catch(() => '');
    texts.push(...text.split(/\n\s*\n/).filter((paragraph) => paragraph.trim().length > 20));
  }
  return texts;
}
