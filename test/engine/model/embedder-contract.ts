import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Embedder } from '../../../engine/model/embedder.js';
import { fingerprintOf } from '../../../engine/model/fingerprint.js';
import { largestDifference } from './reference.js';

/** The parts of a kind of model that the contract needs. */
export interface EmbedderKind {
  /** Opens an embedder. Each call opens a new one of the same model. */
  open(settings?: { maxTokens: number }): Promise<Embedder>;
  /** At least five words that it knows. No two of them have the same vector. */
  words: readonly string[];
}

/** The largest difference between vectors that differ only by the order of sums. */
const ROUNDING = 1e-5;

/** Tests what every embedder must do, whatever computes its vectors. */
export function describeEmbedder(name: string, { open, words }: EmbedderKind): void {
  describe(name, () => {
    const opened: Embedder[] = [];
    const openHere = async (settings?: { maxTokens: number }) => {
      const embedder = await open(settings);
      opened.push(embedder);
      return embedder;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((embedder) => embedder.close()));
    });

    /** Texts of one to four words, all different. */
    const texts = words.flatMap((first, at) =>
      words.map((_, more) => [first, ...words.slice(0, more % 4), words[at]].slice(0, 4).join(' ')),
    );

    test('gives each text its own vector, in the order of the texts', async () => {
      const embedder = await openHere();
      const { dimensions } = embedder.signature;
      const { vectors } = await embedder.embed(texts);
      expect(vectors).toHaveLength(texts.length * dimensions);
      expect(vectors.every(Number.isFinite)).toBe(true);
      for (const [row, text] of texts.entries()) {
        const alone = await embedder.embed([text]);
        const start = row * dimensions;
        expect(
          largestDifference(alone.vectors, vectors.subarray(start, start + dimensions)),
          text,
        ).toBeLessThan(ROUNDING);
      }
      const [one, other] = [await embedder.embed([words[0]!]), await embedder.embed([words[1]!])];
      expect(largestDifference(one.vectors, other.vectors)).toBeGreaterThan(ROUNDING);
    });

    test('gives vectors of length 1 if its signature says so', async () => {
      const embedder = await openHere();
      const { dimensions, normalize } = embedder.signature;
      if (!normalize) return;
      const { vectors } = await embedder.embed(texts);
      for (let at = 0; at < vectors.length; at += dimensions)
        expect(Math.hypot(...vectors.subarray(at, at + dimensions))).toBeCloseTo(1, 5);
    });

    test('has a fingerprint of its signature, which is the same each time', async () => {
      const [one, other] = [await openHere(), await openHere()];
      expect(one.fingerprint).toBe(fingerprintOf(one.signature));
      expect(other.fingerprint).toBe(one.fingerprint);
    });

    test('gives the same vectors when it is opened again', async () => {
      const [one, other] = [await openHere(), await openHere()];
      const [first, second] = [await one.embed(texts), await other.embed(texts)];
      expect(second.vectors).toEqual(first.vectors);
    });

    test('gives no vectors for no texts', async () => {
      const { vectors, tokens, paddingTokens } = await (await openHere()).embed([]);
      expect({ vectors, tokens, paddingTokens }).toEqual({
        vectors: new Float32Array(0),
        tokens: 0,
        paddingTokens: 0,
      });
    });

    test('counts the tokens of all texts, and reports rows and tokens when they are done', async () => {
      const embedder = await openHere();
      const done = { rows: 0, tokens: 0 };
      const { tokens } = await embedder.embed(texts, {
        onProgress: (some) => {
          done.rows += some.rows;
          done.tokens += some.tokens;
        },
      });
      expect(done).toEqual({ rows: texts.length, tokens });
      let sum = 0;
      for (const text of texts) sum += (await embedder.embed([text])).tokens;
      expect(tokens).toBe(sum);
    });

    test('puts a prompt before each text: one of the signature by its name, or a given one', async () => {
      const embedder = await openHere();
      const [prompt, text] = [`${words[2]} `, `${words[0]} ${words[1]}`];
      const given = await embedder.embed([text], { prompt: { text: prompt } });
      expect(largestDifference(given.vectors, (await embedder.embed([prompt + text])).vectors)).toBeLessThan(
        ROUNDING,
      );
      for (const name of ['query', 'document'] as const) {
        const named = await embedder.embed([text], { prompt: name });
        const written = await embedder.embed([embedder.signature.prompts[name] + text]);
        expect(largestDifference(named.vectors, written.vectors)).toBeLessThan(ROUNDING);
      }
    });

    test('reads as much of a text as its limit of tokens allows', async () => {
      const limited = await openHere({ maxTokens: 4 });
      const long = Array.from({ length: 40 }, (_, at) => words[at % 3]).join(' ');
      const [whole, longer] = [await limited.embed([long]), await limited.embed([`${long} ${words[3]}`])];
      expect(longer.vectors).toEqual(whole.vectors);
      expect(longer.tokens).toBe(whole.tokens);
      expect(whole.tokens).toBeLessThanOrEqual(4);
    });

    test('computes nothing before its turn has come', async () => {
      const embedder = await openHere();
      let come = () => {};
      const turn = new Promise<void>((resolve) => {
        come = resolve;
      });
      let rows = 0;
      const embedding = embedder.embed(texts, {
        turn,
        onProgress: (done) => {
          rows += done.rows;
        },
      });
      for (let waited = 0; waited < 100; waited += 1) await setImmediate();
      expect(rows).toBe(0);
      come();
      await embedding;
      expect(rows).toBe(texts.length);
    });

    test('answers calls side by side in the same way as alone', async () => {
      const embedder = await openHere();
      const together = await Promise.all(words.map((word) => embedder.embed([word])));
      for (const [at, word] of words.entries())
        expect(largestDifference(together[at]!.vectors, (await embedder.embed([word])).vectors)).toBeLessThan(
          ROUNDING,
        );
    });

    test('ends with CANCELLED if it is stopped, before or meanwhile, and can be used again', async () => {
      const embedder = await openHere();
      await expect(embedder.embed(texts, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'CANCELLED',
      });
      const stop = new AbortController();
      const many = Array.from({ length: 5000 }, (_, at) => texts[at % texts.length]!);
      const embedding = embedder.embed(many, { signal: stop.signal, onProgress: () => stop.abort() });
      await expect(embedding).rejects.toMatchObject({ code: 'CANCELLED' });
      expect((await embedder.embed([words[0]!])).vectors).toHaveLength(embedder.signature.dimensions);
    });
  });
}
