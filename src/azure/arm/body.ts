/** Bytes; a key's record takes about one KiB. */
const MAX_BODY = 64 * 1024;

/**
 * The whole body as text, or undefined if it broke off, is too long, or is not UTF-8. Errors are swallowed on purpose:
 * they may quote the body, and so a secret.
 */
export async function readBody(stream: NodeJS.ReadableStream | undefined): Promise<string | undefined> {
  if (stream === undefined) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
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
