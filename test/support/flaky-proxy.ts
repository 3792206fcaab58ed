import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';

/** The fault that a proxy shows in place of passing on a request and its answer. */
export type Fault =
  /** Answers itself with this status and S3 error code. The server never sees the request. */
  | { kind: 'answer'; status: number; code: string }
  /** Passes the request on, and then closes the connection without an answer. */
  | { kind: 'lose-answer' }
  /** Passes the answer's first bytes on, then closes the connection. */
  | { kind: 'cut'; afterBytes: number }
  /** Changes the first byte of the answer's body. */
  | { kind: 'corrupt' }
  /** Holds the request back until the promise resolves, and then passes it on. */
  | { kind: 'hold'; until: Promise<unknown> };

/** A request that a proxy has seen. */
export interface ProxiedRequest {
  method: string;
  url: string;
  range: string | undefined;
}

export interface FlakyProxy {
  endpoint: string;
  /** Every request so far, in order of arrival. */
  seen: ProxiedRequest[];
  /**
   * Lets the next request of this method, whose path and query hold this text, meet the fault;
   * faults queue up.
   */
  inject(method: string, text: string, fault: Fault): void;
  close(): Promise<void>;
}

/**
 * Starts a real HTTP proxy on the loopback before a real server. `faultOf` is asked for each
 * request for which none was injected.
 */
export async function startFlakyProxy(
  target: string,
  faultOf: (request: ProxiedRequest) => Fault | undefined = () => undefined,
): Promise<FlakyProxy> {
  const { hostname, port } = new URL(target);
  const seen: ProxiedRequest[] = [];
  const rules: { method: string; text: string; fault: Fault }[] = [];

  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    const asked = { method, url, range: headers.range };
    seen.push(asked);
    const index = rules.findIndex((rule) => rule.method === method && url.includes(rule.text));
    const fault = index < 0 ? faultOf(asked) : rules.splice(index, 1)[0]?.fault;
    if (fault?.kind === 'answer') return answer(incoming, outgoing, fault);
    if (fault?.kind === 'hold') await fault.until;
    // The host header stays the proxy's, because the client has signed it.
    const passedOn = request({
      hostname,
      port,
      method,
      path: url,
      headers: { ...headers, connection: 'close' },
    });
    incoming.pipe(passedOn);
    passedOn.on('error', () => outgoing.destroy());
    incoming.on('error', () => passedOn.destroy());
    passBack(passedOn, outgoing, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    seen,
    inject: (method, text, fault) => rules.push({ method, text, fault }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: { status: number; code: string },
): void {
  incoming.resume();
  incoming.on('end', () => {
    outgoing.writeHead(fault.status, { 'content-type': 'application/xml' });
    outgoing.end(`<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>injected</Message></Error>`);
  });
}

function passBack(passedOn: ClientRequest, outgoing: ServerResponse, fault: Fault | undefined): void {
  passedOn.on('response', (response) => {
    if (fault?.kind === 'lose-answer') {
      response.resume();
      response.on('end', () => outgoing.destroy());
      return;
    }
    outgoing.writeHead(response.statusCode ?? 500, response.headers);
    let sent = 0;
    response.on('data', (piece: Buffer) => {
      if (fault?.kind === 'corrupt' && sent === 0) piece[0] = piece[0]! ^ 1;
      const rest = fault?.kind === 'cut' ? fault.afterBytes - sent : piece.length;
      sent += piece.length;
      if (rest < piece.length) outgoing.write(piece.subarray(0, Math.max(0, rest)), () => outgoing.destroy());
      else outgoing.write(piece);
    });
    response.on('end', () => outgoing.end());
  });
}
