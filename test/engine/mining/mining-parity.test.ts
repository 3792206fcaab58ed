import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Embedder } from '../../../engine/model/embedder.js';
import { openEmbedder } from '../../../engine/model/find/find-model.js';
import { loadTokenizer } from '../../../engine/tokenizer/hugging-face-tokenizer.js';
import { testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';
import { hasMinilm, MINILM } from '../model/reference.js';
import { mineBelow } from './mining-support.js';

const SHARED = fileURLToPath(new URL('../../../../shared/', import.meta.url));
const REFERENCE = join(SHARED, 'reference/minilm-l6-v2-xquad-en/mining.json');
const XQUAD = join(SHARED, 'data/xquad/xquad.en.json');

interface Reference {
  query_rows: number[];
  mined: { options: Record<string, unknown>; columns: string[]; rows: Record<string, unknown>[] }[];
}

const hasReference = hasMinilm && existsSync(REFERENCE) && existsSync(XQUAD);
const { query_rows: queryRows, mined }: Reference = hasReference
  ? (JSON.parse(readFileSync(REFERENCE, 'utf8')) as Reference)
  : { query_rows: [], mined: [] };

/** Returns the paragraphs in file order, and each question with the number of its own paragraph. */
function readXquad(): { paragraphs: string[]; questions: { text: string; paragraph: number }[] } {
  const { data } = JSON.parse(readFileSync(XQUAD, 'utf8')) as {
    data: { paragraphs: { context: string; qas: { question: string }[] }[] }[];
  };
  const all = data.flatMap((article) => article.paragraphs);
  return {
    paragraphs: all.map(({ context }) => context.trim()),
    questions: all.flatMap(({ qas }, paragraph) =>
      qas.map(({ question }) => ({ text: question.trim(), paragraph })),
    ),
  };
}

/** Neighbours whose scores are within 1e-5 may have changed places. */
function expectSameOrder(actual: number[], expected: number[], scores: number[]): void {
  for (const [place, row] of expected.entries()) {
    if (actual[place] === row) continue;
    const other = expected.indexOf(actual[place]!);
    expect(other, `place ${place}`).toBeGreaterThanOrEqual(0);
    expect(Math.abs(scores[other]! - scores[place]!)).toBeLessThanOrEqual(1e-5);
  }
  expect(actual).toHaveLength(expected.length);
}

describe.skipIf(!hasReference)('the negatives that sentence-transformers mined', () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'vectormill-'));
  let embedder: Embedder;

  beforeAll(async () => {
    const { paragraphs, questions } = readXquad();
    writeCorpus(folder, {
      'paragraphs.jsonl': paragraphs.map((text, index) => ({ _id: String(index), text })),
    });
    const pairs = queryRows.map((row) => questions[row]!);
    writeFileSync(
      join(folder, 'pairs.jsonl'),
      pairs
        .map(({ text, paragraph }) => `${JSON.stringify({ query: text, positive: paragraph })}\n`)
        .join(''),
    );
    embedder = await openEmbedder({ source: MINILM });
    const tokenizer = await loadTokenizer(MINILM);
    const process = testProcess({ embedder });
    const job = testJob(
      folder,
      { chunking: { strategy: 'none' }, shard_bytes: 1e6, parts: { rows: 64 } },
      embedder.signature,
    );
    await runJob({ ...process, tools: { ...process.tools, tokenizerOf: async () => tokenizer } }, job);
  }, 120_000);

  afterAll(async () => {
    await embedder?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(mined.map((set, index) => ({ ...set, index })))(
    'are mined here in the same order for $options',
    async ({ options, columns, rows, index }) => {
      const { output_format: format = 'triplet', ...mining } = options;
      const { rows: read, report } = await mineBelow(
        folder,
        { name: `set-${index}`, pairs: './pairs.jsonl', format, scores: true, mining },
        { embedder },
      );
      const { paragraphs } = readXquad();
      const numberOf = new Map(paragraphs.map((text, number) => [text, number]));
      const negatives = columns.filter((name) => name.startsWith('negative'));
      const actual = read('jsonl');
      expect(actual).toHaveLength(rows.length);
      for (const query of new Set(rows.map((row) => row.query))) {
        const expectedRows = rows.filter((row) => row.query === query);
        const actualRows = actual.filter((row) => row.anchor === query);
        expect(actualRows.map((row) => numberOf.get(row.positive as string))).toEqual(
          expectedRows.map((row) => row.positive),
        );
        const scoresOf = (row: Record<string, unknown>) => (row.scores as number[]).slice(1);
        expectSameOrder(
          actualRows.flatMap((row) => negatives.map((name) => numberOf.get(row[name] as string)!)),
          expectedRows.flatMap((row) => negatives.map((name) => row[name] as number)),
          expectedRows.flatMap(scoresOf),
        );
        for (const [place, row] of actualRows.entries())
          for (const [column, score] of (row.scores as number[]).entries())
            expect(score).toBeCloseTo((expectedRows[place]!.scores as number[])[column]!, 4);
      }
      expect([...new Set(actual.map((row) => row.anchor))]).toEqual([
        ...new Set(rows.map((row) => row.query)),
      ]);
      expect(report.falseNegativeRejects).toEqual({ exactDuplicate: 0, nearDuplicate: 0, crossScore: 0 });
    },
  );
});
