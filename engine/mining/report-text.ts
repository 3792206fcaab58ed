import { counted } from '../../core/counted.js';
import type { ScoreSummary } from '../../core/mining/score-summary.js';
import type { MiningReport } from './mining-report.js';

const BAR_WIDTH = 40;
const BIN_WIDTH = 0.05;

const REASONS: Readonly<Record<string, string>> = {
  positive: 'the positive itself',
  positiveDocument: "another chunk of a positive's document",
  exactDuplicate: 'the same text as a positive',
  nearDuplicate: 'nearly the same text as a positive',
  queryItself: 'the query itself: a document of its id, or of its text',
  biScore: 'score not above `min_bi_score`',
  crossScore: 'cross-encoder score not below `max_cross_score`',
  beyondCrossEncoder: 'ranked after those that the cross-encoder looked at',
  absoluteMargin: 'within the absolute margin',
  relativeMargin: 'within the relative margin',
  maxScore: 'above `max_score`',
  minScore: 'below `min_score`',
};

/** Returns a report for a person, without any text of a document. */
export function reportText(report: MiningReport): string[] {
  const { plan, totals, hardness, bySplit, candidates } = report;
  const { counts } = plan;
  const left = [
    [counts.unknownDocuments, 'pair that names unknown documents', 'pairs that name unknown documents'],
    [counts.unknownQueries, 'judged query that is not there', 'judged queries that are not there'],
    [counts.queriesWithoutPositive, 'query with no positive left', 'queries with no positive left'],
    [counts.emptyQueries, 'pair without a query', 'pairs without a query'],
    [counts.repeatedPairs, 'pair that repeats an earlier one', 'pairs that repeat an earlier one'],
    [totals.shortQueries, 'query short of negatives', 'queries short of negatives'],
    [totals.queriesWithoutNegatives, 'of these, query without any', 'of these, queries without any'],
  ] as const;
  return [
    `${report.dataset}@${report.version} triplets ${report.name}`,
    `${counted(totals.queries, 'query', 'queries')} of ${counted(counts.pairs, 'pair')}, ${counted(totals.negatives, 'negative')}, ${counted(totals.trainingRows, 'training row')}` +
      ` (train ${bySplit.train.trainingRows}, dev ${bySplit.dev.trainingRows}), from ${plan.distinctChunks} different chunks of ${plan.chunks}`,
    candidates.by === 'index'
      ? `candidates: by the index ${candidates.name}, whose recall@${candidates.k} is ${candidates.recall.toFixed(4)}`
      : 'candidates: compared with every chunk',
    ...left.flatMap(([count, one, many]) => (count > 0 ? [`  ${counted(count, one, many)}`] : [])),
    ...(plan.leftOut ? ['  what was left out of the input: left-out.jsonl'] : []),
    ...(totals.shortQueries > 0 ? ['  which queries are short: short/'] : []),
    ...(report.notes ?? []).map((note) => `note: ${note}`),
    'rejected candidates',
    ...Object.entries(totals.rejected).map(([reason, count]) => `  ${count} ${REASONS[reason]}`),
    `hardness: positives ${number(hardness.meanPositiveScore)}, negatives ${number(hardness.meanNegativeScore)}` +
      ` ± ${number(hardness.deviationOfNegativeScores)}, difference ${number(hardness.meanDifference)},` +
      ` rank ${hardness.meanRank?.toFixed(1) ?? '–'}, above their positive ${percent(hardness.shareAbovePositive)}`,
    ...scoreLines('positives', totals.positiveScores, report),
    ...scoreLines('negatives', totals.negativeScores, report),
  ];
}

/**
 * Returns the distribution of scores. Only cosines have bins, because other scores have no bounds.
 */
function scoreLines(
  whose: string,
  scores: ScoreSummary,
  { metric = 'cosine' }: Pick<MiningReport, 'metric'>,
): string[] {
  if (metric === 'cosine') return [`scores of ${whose}`, ...histogramLines(scores)];
  return [`scores of ${whose} (${metric}): from ${number(scores.min)} to ${number(scores.max)}`];
}

function histogramLines({ histogram }: ScoreSummary): string[] {
  const most = Math.max(...histogram, 1);
  return histogram.flatMap((count, bin) => {
    if (count === 0) return [];
    const from = (-1 + bin * BIN_WIDTH).toFixed(2).padStart(5);
    return [`  ${from}  ${'█'.repeat(Math.max(1, Math.round((count / most) * BAR_WIDTH)))} ${count}`];
  });
}

function number(value: number | null): string {
  return value === null ? '–' : value.toFixed(4);
}

function percent(value: number | null): string {
  return value === null ? '–' : `${(value * 100).toFixed(1)}%`;
}
