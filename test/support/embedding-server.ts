import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';

/** One request as it arrived at the server. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it sent
  body: any;
}

/** The behaviour of a server in place of a right answer. */
export type Misbehaviour = (response: ServerResponse, request: SeenRequest) => void;

export interface EmbeddingServer {
  /** The API's root. */
  url: string;
  /** Every request so far, in order of arrival. */
  seen: SeenRequest[];
  /** The number of requests that are being answered now, and the greatest number so far. */
  inFlight: { now: number; most: number };
  /** Gives the next request this answer. Several calls queue up. */
  misbehave(...how: Misbehaviour[]): void;
  /**
   * The answer for every request for which none is queued. Where it is undefined, the answer is
   * right.
   */
  always: Misbehaviour | undefined;
  /** Right answers are sent once this is resolved. */
  hold: Promise<unknown> | undefined;
  close(): Promise<void>;
}

export const SERVER_DIMENSIONS = 8;

/** Returns the vector that the server returns for a text. No other text has the same one. */
export function vectorOf(text: string, dimensions = SERVER_DIMENSIONS): number[] {
  const bytes = createHash('sha512').update(text).digest();
  return Array.from({ length: dimensions }, (_, i) => Math.fround((bytes[i % 64]! - 127.5) / 128));
}

/** Returns the number of tokens that the server charges for: one for each word. */
export function chargeFor(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.split(/\s+/).filter(Boolean).length, 0);
}

/** Returns the content of a right answer. */
export function rightAnswer({ body }: SeenRequest) {
  const texts = body.input as string[];
  const charge = chargeFor(texts);
  return {
    object: 'list',
    model: body.model,
    data: texts.map((text, index) => ({
      object: 'embedding',
      index,
      embedding: vectorOf(text, body.dimensions) as number[] | string | null,
    })),
    usage: { prompt_tokens: charge, total_tokens: charge } as unknown,
  };
}

/** Returns a misbehaviour that returns a changed right answer. */
export function changed(change: (answer: ReturnType<typeof rightAnswer>) => unknown): Misbehaviour {
  return (response, request) => {
    const answer = rightAnswer(request);
    sendJson(response, 200, change(answer) ?? answer);
  };
}

/** Returns a misbehaviour that answers with this status and this description of the error. */
export function status(
  code: number,
  error: unknown = {},
  headers: Record<string, string> = {},
): Misbehaviour {
  return (response) => sendJson(response, code, { error }, headers);
}

export function sendJson(
  response: ServerResponse,
  code: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/**
 * Starts a real HTTP server on the loopback address that answers like OpenAI's embeddings endpoint,
 * or as a test asks.
 */
export async function startEmbeddingServer(): Promise<EmbeddingServer> {
  const queue: Misbehaviour[] = [];
  const server = createServer(async (incoming, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece as Buffer);
    const { method = '', url: path = '', headers } = incoming;
    const request = { method, path, headers, body: JSON.parse(Buffer.concat(pieces).toString()) };
    embedding.seen.push(request);
    embedding.inFlight.now += 1;
    embedding.inFlight.most = Math.max(embedding.inFlight.most, embedding.inFlight.now);
    response.on('close', () => {
      embedding.inFlight.now -= 1;
    });
    const misbehaviour = queue.shift() ?? embedding.always;
    if (misbehaviour) return misbehaviour(response, request);
    await embedding.hold;
    sendJson(response, 200, rightAnswer(request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const embedding: EmbeddingServer = {
    url: `http://127.0.0.1:${address.port}/v1`,
    seen: [],
    inFlight: { now: 0, most: 0 },
    misbehave: (...how) => queue.push(...how),
    always: undefined,
    hold: undefined,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return embedding;
}
