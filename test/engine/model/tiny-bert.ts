import { TINY, type TinyWeights } from './tiny-model.js';

type Matrix = number[][];

/**
 * Computes BERT's encoder for one row, with loops over numbers in double precision. It shares no
 * code with the graph.
 * @returns hidden states, one array for each token
 */
export function tinyBert(weights: TinyWeights, tokenIds: readonly number[]): Matrix {
  const tensor = (name: string) => weights.get(name)!.data;
  const row = (name: string, index: number) =>
    [...tensor(name)].slice(index * TINY.hidden, (index + 1) * TINY.hidden);
  const dense = (x: Matrix, name: string) =>
    x.map((input) =>
      [...tensor(`${name}.bias`)].map(
        (bias, output) =>
          bias +
          input.reduce(
            (sum, value, i) => sum + value * tensor(`${name}.weight`)[output * input.length + i]!,
            0,
          ),
      ),
    );
  const norm = (x: Matrix, name: string) =>
    x.map((values) => {
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      return values.map(
        (value, i) =>
          ((value - mean) / Math.sqrt(variance + TINY.epsilon)) * tensor(`${name}.weight`)[i]! +
          tensor(`${name}.bias`)[i]!,
      );
    });
  const add = (a: Matrix, b: Matrix) => a.map((values, i) => values.map((value, j) => value + b[i]![j]!));

  const embedded = tokenIds.map((id, position) => {
    const segment = row('embeddings.token_type_embeddings.weight', 0);
    const place = row('embeddings.position_embeddings.weight', position);
    return row('embeddings.word_embeddings.weight', id).map((value, i) => value + place[i]! + segment[i]!);
  });
  let hidden = norm(embedded, 'embeddings.LayerNorm');
  for (let layer = 0; layer < TINY.layers; layer++) {
    const prefix = `encoder.layer.${layer}`;
    const [query, key, value] = ['query', 'key', 'value'].map((part) =>
      dense(hidden, `${prefix}.attention.self.${part}`),
    ) as [Matrix, Matrix, Matrix];
    const context = dense(attend(query, key, value), `${prefix}.attention.output.dense`);
    hidden = norm(add(context, hidden), `${prefix}.attention.output.LayerNorm`);
    const inner = dense(hidden, `${prefix}.intermediate.dense`).map((values) => values.map(gelu));
    hidden = norm(add(dense(inner, `${prefix}.output.dense`), hidden), `${prefix}.output.LayerNorm`);
  }
  return hidden;
}

function attend(query: Matrix, key: Matrix, value: Matrix): Matrix {
  const size = TINY.hidden / TINY.heads;
  return query.map((from) => {
    const out: number[] = [];
    for (let head = 0; head < TINY.heads; head++) {
      const at = head * size;
      const scores = key.map(
        (to) => from.slice(at, at + size).reduce((sum, x, i) => sum + x * to[at + i]!, 0) / Math.sqrt(size),
      );
      const weights = scores.map((score) => Math.exp(score - Math.max(...scores)));
      const total = weights.reduce((a, b) => a + b, 0);
      for (let i = 0; i < size; i++)
        out.push(weights.reduce((sum, weight, token) => sum + (weight / total) * value[token]![at + i]!, 0));
    }
    return out;
  });
}

/** Computes x · Φ(x), with the error function as the sum of its Taylor series. */
function gelu(x: number): number {
  const z = x / Math.SQRT2;
  let term = z;
  let sum = z;
  for (let n = 1; n < 200; n++) {
    term *= -(z * z) / n;
    sum += term / (2 * n + 1);
  }
  return 0.5 * x * (1 + (2 / Math.sqrt(Math.PI)) * sum);
}
