import type { IncomingMessage, ServerOptions } from 'node:http';

/** Limits of Kestrel, the web server of the real host. In bytes but for the count. */
const MAX_REQUEST_LINE = 8_192;
const MAX_HEADERS = 32_768;
const MAX_HEADER_COUNT = 100;

export const SERVER_OPTIONS = {
  // More than both limits together: whatever they refuse must be parsed first.
  maxHeaderSize: 4 * (MAX_REQUEST_LINE + MAX_HEADERS),
  keepAliveTimeout: 130_000,
  headersTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  // Two lines are 400 here as there. For none the real host answers 500 where Node.js answers 400.
  requireHostHeader: false,
} as const satisfies ServerOptions;

/** By name in lower case. The lines of one name are joined by commas. */
export type RequestHeaders = ReadonlyMap<string, string>;

/** The headers of a request, or the status with which Kestrel refuses it whatever its path. */
export function readHeaders({ method, url, rawHeaders, headersDistinct }: IncomingMessage): RequestHeaders | number {
  const requestLine = `${method} ${url} HTTP/1.1\r\n`;
  if (requestLine.length > MAX_REQUEST_LINE) return 414;
  if (rawHeaders.length / 2 > MAX_HEADER_COUNT || sizeOf(rawHeaders) > MAX_HEADERS) return 431;
  if ((headersDistinct.host ?? []).length > 1) return 400;
  const headers = new Map<string, string>();
  for (const [name, lines = []] of Object.entries(headersDistinct)) {
    const value = asUtf8(lines.join(','));
    if (value === undefined) return 400;
    headers.set(name, value);
  }
  return headers;
}

/** Each line is `name: value` and an end of line. */
const sizeOf = (rawHeaders: readonly string[]): number => rawHeaders.reduce((size, part) => size + part.length + 2, 0);

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Node.js reads each byte of a header as a character of Latin-1, Kestrel reads UTF-8. Undefined: it is none. */
function asUtf8(latin1: string): string | undefined {
  if (!/[\x80-\xff]/.test(latin1)) return latin1;
  try {
    return UTF8.decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return undefined;
  }
}
