import type { GraphParameters } from '../../core/index/index-options.js';
import type { GraphHead } from './graph-head.js';
import { graphMetric, graphScalar } from './usearch.js';

/** Whether a file says of itself that it is a graph of so many rows with these parameters. */
export function holdsGraph(head: GraphHead | undefined, parameters: GraphParameters, rows: number): boolean {
  return (
    head?.dimensions === parameters.dimensions &&
    head.rows === rows &&
    head.metric === graphMetric(parameters) &&
    head.scalar === graphScalar(parameters.precision)
  );
}
