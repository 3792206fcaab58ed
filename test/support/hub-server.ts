import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A repository as the stand-in serves it. */
export interface HubRepository {
  /** The files by path, as bytes. */
  files: ReadonlyMap<string, Buffer>;
  commit: string;
  /** Branches and tags that stand for the commit; `main` by default. */
  revisions: readonly string[];
  /** Says of a file whether it lies in large-file storage. */
  isLarge: (path: string) => boolean;
  /** `gated` and `private` need the right token. */
  access: 'public' | 'gated' | 'private';
  /** The name that the hub has for it now. */
  id: string;
  /** A list to answer with in place of the files. */
  siblings?: readonly unknown[] | undefined;
}

/** A request that arrived, at the hub or at the host that holds large files. */
export interface HubRequestSeen {
  host: 'hub' | 'files';
  path: string;
  authorization: string | undefined;
  range: string | undefined;
  ifRange: string | undefined;
  /** The number of bytes of a body that were sent in answer. */
  sent: number;
}

/** Another answer in place of the right one. It returns false to answer as always. */
export type HubFault = (
  request: HubRequestSeen,
  response: ServerResponse,
  right: { body: Buffer; headers: Record<string, string> },
) => boolean;

export interface HubServer {
  url: string;
  /** The origin of the host that holds large files. */
  filesUrl: string;
  seen: HubRequestSeen[];
  /** Asked for every answer with a body; the first that returns true has answered. */
  faults: HubFault[];
  /** Adds or replaces a repository. */
  add(repository: string, content: Partial<HubRepository> & { files: HubRepository['files'] }): HubRepository;
  /** Adds up the bytes of a file that were sent. */
  sentOf(path: string): number;
  close(): Promise<void>;
}

/** The name of a hub that speaks TLS, with the PEM texts of its certificate and key. */
export interface SecureHub {
  host: string;
  cert: string;
  key: string;
}

/** The token that the stand-in knows. */
export const HUB_TOKEN = 'hf_testtokenOfTheStandIn';

/**
 * Starts a server that behaves as the Hugging Face hub does where models are read: descriptions of
 * revisions, redirects to another host for large files and within the hub for small ones, parts of
 * files, tokens, gates and errors by `X-Error-Code`. With `secure` it speaks TLS, and calls itself
 * by that name.
 */
export async function startHubServer(secure?: SecureHub): Promise<HubServer> {
  const repositories = new Map<string, HubRepository>();
  const seen: HubRequestSeen[] = [];
  const faults: HubFault[] = [];
  const see = (host: HubRequestSeen['host'], { url, headers }: IncomingMessage): HubRequestSeen => {
    const request: HubRequestSeen = {
      host,
      path: decodeURIComponent(url!.split('?')[0]!),
      authorization: headers.authorization,
      range: headers.range,
      ifRange: headers['if-range'] as string | undefined,
      sent: 0,
    };
    seen.push(request);
    return request;
  };
  const answer = (
    request: HubRequestSeen,
    response: ServerResponse,
    right: { body: Buffer; headers: Record<string, string> },
  ) => {
    if (faults.some((fault) => fault(request, response, right))) return;
    sendBytes(request, response, right);
  };

  const files = await listen((message, response) => {
    const request = see('files', message);
    const [, repository, path] = /^\/([^/]+\/[^/]+)\/(.+)$/.exec(request.path) ?? [];
    const body = repositories.get(repository ?? '')?.files.get(path ?? '');
    // The address is signed: a token beside the signature is refused, as S3 does.
    if (!body || request.authorization !== undefined || !message.url!.includes('Signature=')) {
      response.writeHead(400).end();
      return;
    }
    answer(request, response, { body, headers: { etag: `"${sha256Of(body)}"` } });
  }, secure);
  const filesUrl = urlOf(files, secure);

  const hub = await listen((message, response) => {
    const request = see('hub', message);
    const refuse = (status: number, code?: string, text = '') =>
      response
        .writeHead(status, { ...(code && { 'x-error-code': code }), 'x-error-message': text })
        .end(JSON.stringify({ error: text }));
    const token = request.authorization;
    if (token !== undefined && token !== `Bearer ${HUB_TOKEN}`)
      return refuse(401, undefined, 'Invalid credentials in Authorization header');
    const api = /^\/api\/models\/([^/]+\/[^/]+)\/revision\/(.+)$/.exec(request.path);
    const resolve = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(request.path);
    const small = /^\/api\/resolve-cache\/models\/([^/]+\/[^/]+)\/([^/]+)\/(.+)$/.exec(request.path);
    const [, name = '', revision = '', path = ''] = api ?? resolve ?? small ?? [];
    const found = repositories.get(name);
    if (!found || (found.access === 'private' && token === undefined))
      return refuse(token === undefined ? 401 : 404, 'RepoNotFound', 'Repository not found');
    if (found.access === 'gated' && !api && token === undefined)
      return refuse(401, 'GatedRepo', 'Access to this model is restricted.');
    if (revision !== found.commit && !found.revisions.includes(revision))
      return refuse(404, 'RevisionNotFound', 'Invalid rev id');
    if (api) {
      const siblings = found.siblings ?? [...found.files].map(([file, body]) => siblingOf(found, file, body));
      const text = JSON.stringify({
        id: found.id,
        sha: found.commit,
        gated: found.access === 'gated',
        siblings,
      });
      return answer(request, response, {
        body: Buffer.from(text),
        headers: { 'content-type': 'application/json' },
      });
    }
    const body = found.files.get(path);
    if (!body) return refuse(404, 'EntryNotFound', 'Entry not found');
    const common = { 'x-repo-commit': found.commit, 'accept-ranges': 'bytes' };
    if (small) return answer(request, response, { body, headers: { ...common, etag: `"${gitHash(body)}"` } });
    if (!found.isLarge(path)) {
      const location = `/api/resolve-cache/models/${name}/${found.commit}/${path}`;
      return response.writeHead(307, { ...common, etag: `"${gitHash(body)}"`, location }).end();
    }
    const etag = `"${sha256Of(body)}"`;
    const headers = { ...common, etag, 'x-linked-etag': etag, 'x-linked-size': String(body.length) };
    return response
      .writeHead(302, { ...headers, location: `${filesUrl}/${name}/${path}?X-Amz-Signature=secret` })
      .end();
  }, secure);

  return {
    url: urlOf(hub, secure),
    filesUrl,
    seen,
    faults,
    add: (repository, { files: content, ...others }) => {
      const added: HubRepository = {
        files: content,
        commit: createHash('sha1')
          .update(repository)
          .update([...content.keys()].join())
          .digest('hex'),
        revisions: ['main'],
        isLarge: (path) => /\.(safetensors|onnx|onnx_data|bin)$/.test(path) || path === 'tokenizer.json',
        access: 'public',
        id: repository,
        ...others,
      };
      repositories.set(repository, added);
      return added;
    },
    sentOf: (path) =>
      seen.filter((request) => request.path.endsWith(`/${path}`)).reduce((sum, { sent }) => sum + sent, 0),
    close: async () => {
      for (const server of [hub, files]) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  };
}

/** Reads the files of a folder as a repository holds them. */
export function filesOfFolder(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const name of readdirSync(folder, { recursive: true }) as string[])
    if (statSync(join(folder, name)).isFile()) files.set(name, readFileSync(join(folder, name)));
  return files;
}

/** Makes a fault of the next `times` answers about a file. */
export function faultOf(path: string, times: number, fault: (...of: Parameters<HubFault>) => void): HubFault {
  let left = times;
  return (request, response, right) => {
    if (left === 0 || !request.path.endsWith(path)) return false;
    left -= 1;
    fault(request, response, right);
    return true;
  };
}

/** Makes a fault that answers with a status and no more. */
export function answerStatus(status: number, headers: Record<string, string> = {}) {
  return (_: HubRequestSeen, response: ServerResponse) => {
    response.writeHead(status, headers).end();
  };
}

/** Makes a fault that sends the beginning of what was asked for and breaks the connection. */
export function breakAfter(bytes: number): HubFault {
  return (request, response, right) => {
    sendBytes(request, response, right, bytes);
    return true;
  };
}

/** Answers a request for bytes as HTTP says it, ranges included. */
function sendBytes(
  request: HubRequestSeen,
  response: ServerResponse,
  { body, headers }: { body: Buffer; headers: Record<string, string> },
  breakAt = Number.POSITIVE_INFINITY,
): void {
  const asked = /^bytes=(\d+)-$/.exec(request.range ?? '');
  const isSame = request.ifRange === undefined || request.ifRange === headers.etag;
  const start = asked && isSame ? Number(asked[1]) : 0;
  if (start >= body.length && start > 0) {
    response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
    return;
  }
  const part = body.subarray(start);
  response.writeHead(asked && isSame ? 206 : 200, {
    ...headers,
    'content-length': String(part.length),
    ...(asked && isSame && { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }),
  });
  if (part.length <= breakAt) {
    request.sent += part.length;
    response.end(part);
    return;
  }
  request.sent += breakAt;
  response.write(part.subarray(0, breakAt), () => setTimeout(() => response.destroy(), 50));
}

function siblingOf({ isLarge }: HubRepository, rfilename: string, body: Buffer) {
  const common = { rfilename, size: body.length, blobId: gitHash(body) };
  if (!isLarge(rfilename)) return common;
  return { ...common, lfs: { sha256: sha256Of(body), size: body.length, pointerSize: 134 } };
}

function sha256Of(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Returns the name that git gives these bytes. */
export function gitHash(body: Buffer): string {
  return createHash('sha1').update(`blob ${body.length}\0`).update(body).digest('hex');
}

async function listen(
  handle: (message: IncomingMessage, response: ServerResponse) => unknown,
  secure: SecureHub | undefined,
): Promise<Server> {
  const listener = (message: IncomingMessage, response: ServerResponse) => void handle(message, response);
  const server = secure ? createSecureServer(secure, listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function urlOf(server: Server, secure: SecureHub | undefined): string {
  const { port } = server.address() as AddressInfo;
  return secure ? `https://${secure.host}:${port}` : `http://127.0.0.1:${port}`;
}
