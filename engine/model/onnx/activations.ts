import type { GraphBuilder, Value } from './graph-builder.js';

/** Activations by the name that config.json gives them. */
export const ACTIVATIONS: Readonly<Record<string, (builder: GraphBuilder, input: Value) => Value>> = {
  /** Exact, by the error function: Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016). */
  gelu: (builder, input) => builder.add('Gelu', [input]),
};
