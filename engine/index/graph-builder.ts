import { MetricKind } from 'usearch';
import type { GraphParameters } from '../../core/index/index-options.js';
import { MAX_MEMORY_BYTES } from '../kernels/instantiate.js';
import { layOutBuild, MAX_THREADS } from './build-layout.js';
import { graphMetric, USEARCH_VERSION } from './usearch.js';

/** Of our own builds, raised whenever the same rows would give other edges; part of the name of every graph that they make. */
const KERNEL_BUILD = 1;

/** Whether rows like these are kept and compared as our kernels do: int8, by inner product. */
export function suitsKernels(parameters: GraphParameters): boolean {
  return parameters.precision === 'int8' && graphMetric(parameters) === MetricKind.IP;
}

/**
 * Whether the graph is built by our kernel: where it suits, and what it can address is enough for any number of threads and for twice
 * as many upper lists as the sparsest graph (M 2) has on average.
 */
export function kernelBuilds(parameters: GraphParameters, rows: number): boolean {
  const largest = { rows, upperLists: 2 * rows };
  return suitsKernels(parameters) && layOutBuild(parameters, largest, MAX_THREADS).end <= MAX_MEMORY_BYTES;
}

/** What builds a graph of so many rows, by name and version. */
export function graphBuilder(parameters: GraphParameters, rows: number): string {
  return kernelBuilds(parameters, rows) ? `vectormill ${KERNEL_BUILD}` : `usearch ${USEARCH_VERSION}`;
}
