/**
 * The names of the graph's inputs, int64 `[rows, columns]`, and of its output, float32 `[rows,
 * dimensions]`, as other tools use them. A cross-encoder's output is `scores`, float32 `[rows,
 * labels]`. `tokenTypes` is an input only where the encoder tells a pair's texts apart.
 * `promptLength`, int64 `[1]`, is an input only where pooling leaves the prompt out; it is the
 * number of leading tokens to leave out of every row. `encoded` is an input only of a head that
 * follows another tool's encoder; it is that encoder's output.
 */
export const GRAPH_NAMES = {
  inputIds: 'input_ids',
  attentionMask: 'attention_mask',
  tokenTypes: 'token_type_ids',
  promptLength: 'prompt_length',
  encoded: 'encoded',
  output: 'sentence_embedding',
  scores: 'scores',
} as const;
