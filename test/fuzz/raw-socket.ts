import { connect } from 'node:net';
import type { Exchange } from './arbitraries/exchanges.ts';
import type { Answer } from './oracle.ts';

const PATIENCE_MS = 20_000;

/**
 * Writes bytes that no HTTP client would, and reads the first answer. Undefined: the connection was ended without one.
 * @param hangUpAfterMs for those that the server may take to be unfinished, and wait for their end.
 */
export async function exchange(port: number, bytes: Uint8Array, hangUpAfterMs?: number): Promise<Answer | undefined> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  // A server that refuses a request may hang up while it is still being written.
  socket.on('error', () => undefined);
  const timer = setTimeout(() => socket.destroy(), hangUpAfterMs ?? PATIENCE_MS);
  socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  clearTimeout(timer);
  return parseAnswer(Buffer.concat(chunks).toString('utf8'));
}

function parseAnswer(text: string): Answer | undefined {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, Math.max(0, end)).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) return undefined;
  const rest = text.slice(end + 4);
  if (status < 200) return parseAnswer(rest);
  const headers = Object.fromEntries(
    lines.map((line) => [line.split(':', 1).join('').toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  const body = Buffer.from(rest);
  const isChunked = headers['transfer-encoding'] === 'chunked';
  return { status, headers, body: (isChunked ? joined(body) : body).toString() };
}

/** The chunks of a body. There are none after the headers that answer HEAD. */
function joined(chunks: Buffer): Buffer {
  const start = chunks.indexOf('\r\n') + 2;
  const size = Number.parseInt(chunks.toString('latin1', 0, start), 16);
  if (!(size > 0)) return Buffer.alloc(0);
  return Buffer.concat([chunks.subarray(start, start + size), joined(chunks.subarray(start + size + 2))]);
}

/** Headers are UTF-8 on the wire, as the host reads them. */
export function wireBytes(sent: Exchange, authorization: string | null): Buffer {
  const lengths = sent.lengths === 'true' ? [sent.body.length] : sent.lengths === 'chunked' ? [] : sent.lengths;
  const lines = [
    `${sent.method} ${sent.target} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...(authorization === null ? [] : [`Authorization: ${authorization}`]),
    ...sent.headers.map(([name, value]) => `${name}: ${value}`),
    ...lengths.map((length) => `Content-Length: ${length}`),
  ];
  const head = (more: readonly string[]): Buffer => Buffer.from(`${[...lines, ...more].join('\r\n')}\r\n\r\n`);
  if (sent.lengths !== 'chunked') return Buffer.concat([head([]), sent.body]);
  const size = `${sent.body.length.toString(16)}\r\n`;
  return Buffer.concat([
    head(['Transfer-Encoding: chunked']),
    Buffer.from(size),
    sent.body,
    Buffer.from('\r\n0\r\n\r\n'),
  ]);
}
