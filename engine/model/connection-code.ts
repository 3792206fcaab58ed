/**
 * Returns the code of the system, socket, TLS or HTTP error that caused the error of `fetch`, such
 * as ECONNREFUSED.
 */
export function connectionCode(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const code = [error, cause].map((one) => (one as { code?: unknown } | undefined)?.code).find(isCode);
  return code ?? 'the connection failed';
}

function isCode(code: unknown): code is string {
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code);
}
