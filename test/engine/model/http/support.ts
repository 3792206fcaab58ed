import { afterEach, beforeEach } from 'vitest';
import type { ProviderSettings } from '../../../../core/provider.js';
import { providerSchema } from '../../../../engine/job/provider-schema.js';
import type { Embedder } from '../../../../engine/model/embedder.js';
import { httpModel } from '../../../../engine/model/http/http-model.js';
import type { Surroundings } from '../../../../engine/model/http/provider-client.js';
import type { Model, ModelSettings } from '../../../../engine/model/model.js';
import { type EmbeddingServer, startEmbeddingServer, vectorOf } from '../../../support/embedding-server.js';

/** A key that may occur only in the header of a request. */
export const KEY = 'sk-marker-Zq7vX2';

/** A clock that moves only while something sleeps, and a list of what it slept. */
export interface FakeTime extends Surroundings {
  slept: number[];
}

export function fakeTime(): FakeTime {
  let now = Date.UTC(2026, 10, 21, 7);
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    random: () => 0.5,
    environment: { TEST_KEY: KEY },
  };
}

/** The settings that a job may give for a model besides its provider. */
type Asked = Partial<Omit<ModelSettings, 'provider'>>;

/**
 * The tools that a test gets for a provider: a server of its own, time that stands still, and
 * models that use both.
 */
export interface TestProvider {
  server: EmbeddingServer;
  time: FakeTime;
  settings(more?: Record<string, unknown>): ProviderSettings;
  model(more?: Record<string, unknown>, asked?: Asked): Promise<Model>;
  embedder(more?: Record<string, unknown>, asked?: Asked): Promise<Embedder>;
}

/** Makes a new one for every test. */
export function useProvider(): TestProvider {
  const provider = {} as TestProvider;
  beforeEach(async () => {
    provider.server = await startEmbeddingServer();
    provider.time = fakeTime();
  });
  afterEach(() => provider.server.close());
  provider.settings = (more = {}) =>
    providerSchema.parse({
      url: provider.server.url,
      key_env: 'TEST_KEY',
      tokenizer: 'cl100k_base',
      dimensions: 8,
      ...more,
    });
  provider.model = (more, asked = {}) =>
    httpModel(
      { source: 'a-model', maxTokens: 64, provider: provider.settings(more), ...asked },
      provider.time,
    );
  provider.embedder = async (more, asked) => (await provider.model(more, asked)).open();
  return provider;
}

/** Returns `count` texts of four tokens each. */
export function numberedTexts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `text number ${index}`);
}

/** Returns the vectors that the server gives these texts, row-major. */
export function vectorsOf(texts: readonly string[]): Float32Array {
  return Float32Array.from(texts.flatMap((text) => vectorOf(text)));
}

/** Returns the error with which an embedding failed. */
export async function rejectionOf(
  embedding: Promise<unknown>,
): Promise<{ code: string; message: string; remedy: string; position?: number }> {
  try {
    await embedding;
  } catch (error) {
    return error as Awaited<ReturnType<typeof rejectionOf>>;
  }
  throw new Error('it did not fail');
}
