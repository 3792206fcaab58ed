/** The graph's inputs, int64 `[rows, columns]`, and its output, float32 `[rows, dimensions]`, as other tools call them. */
export const GRAPH_NAMES = {
  inputIds: 'input_ids',
  attentionMask: 'attention_mask',
  output: 'sentence_embedding',
} as const;
