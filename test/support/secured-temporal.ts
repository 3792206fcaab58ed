import { readFileSync } from 'node:fs';
import {
  connect as connectHttp2,
  constants,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { CertificatePaths } from './test-certificates.js';

/** A server on the loopback before a Temporal server, which it lets be reached only by its rule. */
export interface SecuredTemporal {
  address: string;
  /** The names of servers that connections have asked for (SNI), and the headers of calls. */
  readonly seen: { servernames: Set<string>; headers: IncomingHttpHeaders[] };
  /** Ends every connection, so that clients make new ones. */
  dropConnections(): void;
  close(): Promise<void>;
}

/** Takes TLS, asks for a client certificate of the authority, and passes on what it says. */
export async function startMtlsProxy(
  target: string,
  server: CertificatePaths,
  authority: string,
): Promise<SecuredTemporal> {
  const { host, port } = hostAndPort(target);
  const seen: SecuredTemporal['seen'] = { servernames: new Set(), headers: [] };
  return listen(
    seen,
    createTlsServer(
      {
        cert: readFileSync(server.cert),
        key: readFileSync(server.key),
        ca: readFileSync(authority),
        requestCert: true,
        rejectUnauthorized: true,
        ALPNProtocols: ['h2'],
      },
      (outer) => {
        // False where the connection named none.
        if ('servername' in outer && outer.servername) seen.servernames.add(String(outer.servername));
        const inner = connect({ host, port });
        outer.pipe(inner).pipe(outer);
        outer.on('error', () => inner.destroy());
        outer.on('close', () => inner.destroy());
        inner.on('error', () => outer.destroy());
        inner.on('close', () => outer.destroy());
      },
    ),
  );
}

/**
 * Takes TLS, and answers every call without a key that `keys` holds at the time as gRPC does:
 * status 16, unauthenticated.
 */
export async function startApiKeyProxy(
  target: string,
  server: CertificatePaths,
  keys: ReadonlySet<string>,
): Promise<SecuredTemporal> {
  const seen: SecuredTemporal['seen'] = { servernames: new Set(), headers: [] };
  const inner = connectHttp2(`http://${target}`);
  const proxy = createSecureServer({ cert: readFileSync(server.cert), key: readFileSync(server.key) });
  proxy.on('stream', (outer: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    outer.on('error', () => {});
    seen.headers.push(headers);
    if (!keys.has(headers.authorization?.replace(/^Bearer /, '') ?? '')) {
      const refusal = { 'grpc-status': '16', 'grpc-message': 'Request unauthorized.' };
      outer.respond({ ':status': 200, 'content-type': 'application/grpc', ...refusal }, { endStream: true });
      return;
    }
    const passedOn = inner.request({ ...headers, ':authority': target, ':scheme': 'http' });
    outer.pipe(passedOn);
    outer.on('aborted', () => passedOn.close(constants.NGHTTP2_CANCEL));
    passedOn.on('error', () => outer.close(constants.NGHTTP2_CANCEL));
    passedOn.on('response', (answer, flags) => {
      if (outer.destroyed) return;
      const isEnd = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      outer.respond(answer, { endStream: isEnd, waitForTrailers: !isEnd });
      if (isEnd) return;
      let trailers: IncomingHttpHeaders = {};
      passedOn.on('trailers', (received) => {
        trailers = received;
      });
      outer.on('wantTrailers', () => outer.sendTrailers(trailers));
      passedOn.pipe(outer);
    });
  });
  const { close, ...secured } = await listen(seen, proxy);
  return {
    ...secured,
    close: async () => {
      await close();
      inner.destroy();
    },
  };
}

async function listen(seen: SecuredTemporal['seen'], server: Server): Promise<SecuredTemporal> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  server.on('sessionError', () => {});
  const dropConnections = () => {
    for (const socket of open) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    seen,
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    dropConnections,
    close: async () => {
      dropConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function hostAndPort(address: string): { host: string; port: number } {
  const [host = '', port] = address.split(':');
  return { host, port: Number(port) };
}
