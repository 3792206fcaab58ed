import { MetricKind } from 'usearch';
import type { HnswParameters } from '../../core/index/index-options.js';
import { MAX_MEMORY_BYTES } from '../kernels/instantiate.js';
import { layOutBuild, MAX_THREADS } from './build-layout.js';
import { graphMetric, USEARCH_VERSION } from './usearch.js';

/**
 * The number of our own build, which is part of the name of each graph that it makes. Raise it
 * whenever the same rows would give other edges.
 */
const KERNEL_BUILD = 1;

/** Returns whether our kernels can keep and compare such rows: int8, by inner product. */
export function isInt8InnerProduct(parameters: HnswParameters): boolean {
  return parameters.precision === 'int8' && graphMetric(parameters) === MetricKind.IP;
}

/**
 * Returns whether our kernel builds the graph. It does where it can keep such rows, and where its
 * memory has room for any number of threads and for twice as many upper lists as the sparsest graph
 * (M = 2) has on average.
 */
export function isBuiltByKernel(parameters: HnswParameters, rows: number): boolean {
  const largest = { rows, upperLists: 2 * rows };
  return (
    isInt8InnerProduct(parameters) && layOutBuild(parameters, largest, MAX_THREADS).end <= MAX_MEMORY_BYTES
  );
}

/** Returns the name and version of what builds a graph of `rows` rows. */
export function chooseBuilder(parameters: HnswParameters, rows: number): string {
  return isBuiltByKernel(parameters, rows) ? `vectormill ${KERNEL_BUILD}` : `usearch ${USEARCH_VERSION}`;
}
