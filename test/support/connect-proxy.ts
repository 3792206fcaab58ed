import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

export interface ConnectProxy {
  /** The host and the port. */
  address: string;
  /** The requests so far: `CONNECT host:port`, or the method and the whole address. */
  seen: string[];
  close(): Promise<void>;
}

/**
 * Starts a real HTTP proxy on the loopback. It takes every name for this machine. With
 * `credentials`, as `user:password`, it asks for them; with `refuse` it answers with that status.
 */
export async function startConnectProxy({
  credentials,
  refuse,
}: {
  credentials?: string;
  refuse?: number;
} = {}): Promise<ConnectProxy> {
  const seen: string[] = [];
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const refusalOf = ({ headers }: IncomingMessage) =>
    refuse ?? (wanted === undefined || headers['proxy-authorization'] === wanted ? undefined : 407);
  const server = createServer((incoming, outgoing) => {
    const { method, url = '' } = incoming;
    seen.push(`${method} ${url}`);
    const status = refusalOf(incoming);
    if (status !== undefined) return void outgoing.writeHead(status).end();
    const { port, pathname, search } = new URL(url);
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const passedOn = request({ host: '127.0.0.1', port, method, path: `${pathname}${search}`, headers });
    passedOn.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    passedOn.on('error', () => outgoing.destroy());
    incoming.pipe(passedOn);
  });
  server.on('connect', (incoming, outer, head) => {
    seen.push(`CONNECT ${incoming.url}`);
    const status = refusalOf(incoming);
    if (status !== undefined) return void outer.end(`HTTP/1.1 ${status} Refused\r\n\r\n`);
    const inner = connect({ host: '127.0.0.1', port: Number(incoming.url!.split(':').at(-1)) });
    inner.on('connect', () => {
      outer.write('HTTP/1.1 200 Connected\r\n\r\n');
      inner.write(head);
      outer.pipe(inner).pipe(outer);
    });
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
