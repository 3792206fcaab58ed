/**
 * The loop that somebody would write who only wants vectors: tokenise some of the texts, sort them
 * by length, and call the session for one batch after another. This is one thread of
 * `bare-loop.ts`.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Tokenizer } from 'tokenizers';
import { planBatches } from '../core/batching.js';
import { InferenceSession, Tensor } from '../engine/model/session/onnx-runtime.js';
import type { BareLoopSettings } from './bare-loop.js';

const { graphFile, folder, maxTokens, batching } = workerData as BareLoopSettings;
const session = await InferenceSession.create(graphFile, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const tokenizer = Tokenizer.fromString(await readFile(join(folder, 'tokenizer.json'), 'utf8'));
tokenizer.setTruncation(maxTokens);
tokenizer.disablePadding();

parentPort!.on('message', async (texts: string[]) => {
  const rows = (await tokenizer.encodeBatch(texts)).map((encoding) => encoding.getIds());
  let tokens = 0;
  const vectors: Float32Array[] = [];
  for (const { rows: members, columns } of planBatches(
    rows.map((ids) => ids.length),
    batching,
  )) {
    const shape = [members.length, columns];
    const inputIds = new BigInt64Array(members.length * columns);
    const attentionMask = new BigInt64Array(members.length * columns);
    for (const [index, member] of members.entries())
      for (const [column, id] of rows[member]!.entries()) {
        inputIds[index * columns + column] = BigInt(id);
        attentionMask[index * columns + column] = 1n;
        tokens += 1;
      }
    const output = await session.run({
      input_ids: new Tensor('int64', inputIds, shape),
      attention_mask: new Tensor('int64', attentionMask, shape),
    });
    const data = output.sentence_embedding!.data as Float32Array;
    const dimensions = data.length / members.length;
    for (const [index, member] of members.entries())
      vectors[member] = data.subarray(index * dimensions, (index + 1) * dimensions);
  }
  parentPort!.postMessage(tokens);
});
parentPort!.postMessage(0);
