import { once } from 'node:events';
import { connect } from 'node:net';
import type { Answer } from './oracle.ts';

const PATIENCE_MS = 20_000;

/**
 * Writes bytes that no HTTP client would, ends its side, and reads the first answer. Undefined: the connection was ended
 * without one.
 */
export async function exchange(port: number, bytes: Uint8Array): Promise<Answer | undefined> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  // A server that refuses a request may hang up while it is still being written.
  socket.on('error', () => undefined);
  const timer = setTimeout(() => socket.destroy(new Error('too slow')), PATIENCE_MS);
  socket.end(bytes);
  await once(socket, 'close').finally(() => clearTimeout(timer));
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
  const bytes = Number(headers['content-length'] ?? 0);
  return { status, headers, body: Buffer.from(rest).subarray(0, bytes).toString() };
}
