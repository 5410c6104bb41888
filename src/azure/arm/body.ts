import { pipeline, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';

/** Bytes, after decompression; a key's record takes about one KiB. */
const MAX_BODY = 64 * 1024;

const DECOMPRESSION: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

/**
 * The whole body as text, or undefined if it broke off, is too long, or is not UTF-8. Errors are swallowed on purpose:
 * they may quote the body, and so a secret.
 *
 * @param encoding the `Content-Encoding`. A proxy may compress what was asked for uncompressed.
 */
export async function readBody(
  stream: NodeJS.ReadableStream | undefined,
  encoding?: string,
): Promise<string | undefined> {
  if (stream === undefined) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of decompressed(stream, encoding)) {
      const bytes = Buffer.from(chunk);
      length += bytes.length;
      // Leaving the loop destroys the stream, and the connection with it.
      if (length > MAX_BODY) return undefined;
      chunks.push(bytes);
    }
    // A lenient decoder would put U+FFFD into a damaged secret, which then would be stored as if it were good.
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return undefined;
  }
}

function decompressed(stream: NodeJS.ReadableStream, encoding: string | undefined): NodeJS.ReadableStream {
  const decompression = DECOMPRESSION.get(encoding?.trim().toLowerCase() ?? '');
  // The callback does nothing: an error of either stream ends the loop of the reader.
  return decompression === undefined ? stream : pipeline(stream, decompression(), () => undefined);
}
