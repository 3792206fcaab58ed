import type { EvaluationResult } from '../../engine/evaluation/evaluation-result.js';
import { count } from '../job/progress-line.js';
import { fieldLines } from '../print.js';

const LABELS: Readonly<Record<string, string>> = {
  queriesWithoutRelevant: 'queries without a relevant document (count as 0)',
  judgementsOfUnknownDocuments: 'judgements of documents not in the corpus (count as not found)',
  unknownQueries: 'judged queries that are not there (left out)',
  queriesNotInRun: 'judged queries not in the run (left out)',
  queriesWithoutJudgements: 'queries without judgements (left out)',
  emptyDocuments: 'documents without text',
  unanswerableQuestions: 'unanswerable questions (left out)',
  repeatedQuestions: 'questions that repeat an earlier one (counted once)',
};

/**
 * Returns a result for a person: the metrics, by cut where they have one, and the counts that are
 * not 0.
 */
export function resultLines({ metrics, counts }: Pick<EvaluationResult, 'metrics' | 'counts'>): string[] {
  const found = Object.entries(counts).filter(([, value]) => value > 0);
  return [
    ...metricLines(metrics),
    ...fieldLines(found.map(([name, value]) => [LABELS[name] ?? name, count(value)])),
  ];
}

function metricLines(metrics: EvaluationResult['metrics']): string[] {
  const cells = Object.entries(metrics).map(([metric, value]) => {
    const [name = '', cut = ''] = metric.split('@');
    return { name, cut, value: value === null ? '–' : value.toFixed(5) };
  });
  const cuts = [...new Set(cells.map(({ cut }) => cut))];
  const names = [...new Set(cells.map(({ name }) => name))];
  const width = Math.max(...names.map((name) => name.length));
  const line = (first: string, others: readonly string[]) =>
    `  ${first.padEnd(width)}${others.map((other) => other.padStart(9)).join('')}`;
  const valueAt = (name: string, cut: string) =>
    cells.find((cell) => cell.name === name && cell.cut === cut)?.value ?? '';
  const rows = names.map((name) =>
    line(
      name,
      cuts.map((cut) => valueAt(name, cut)),
    ),
  );
  return cuts.some((cut) => cut !== '')
    ? [
        line(
          '',
          cuts.map((cut) => `@${cut}`),
        ),
        ...rows,
      ]
    : rows;
}
