import { Readable } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBody } from '../../../src/azure/http.ts';

const TEXT = JSON.stringify({ text: 'ä'.repeat(500) });
const streamOf = (bytes: Buffer): Readable => Readable.from([bytes.subarray(0, 10), bytes.subarray(10)]);

describe.each([
  ['gzip', gzipSync],
  ['X-GZIP', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
])('a body in %s', (encoding, compress) => {
  it('is read', async () => {
    expect(await readBody(streamOf(compress(TEXT)), encoding)).toBe(TEXT);
  });

  it('is unreadable when it breaks off', async () => {
    expect(await readBody(streamOf(compress(TEXT).subarray(0, -9)), encoding)).toBeUndefined();
  });

  it('is unreadable beyond 64 KiB, however small it arrives', async () => {
    const bytes = compress('x'.repeat(5_000_000));
    expect(bytes.length).toBeLessThan(10_000);
    const stream = streamOf(bytes);
    expect(await readBody(stream, encoding)).toBeUndefined();
    await expect.poll(() => stream.destroyed).toBe(true);
  });
});

it('reads a body of exactly 64 KiB, and none beyond', async () => {
  expect(await readBody(streamOf(Buffer.alloc(65_536, 'x')))).toHaveLength(65_536);
  expect(await readBody(streamOf(Buffer.alloc(65_537, 'x')))).toBeUndefined();
});

it('takes an encoding that it does not know for none', async () => {
  expect(await readBody(streamOf(Buffer.from(TEXT)), 'identity')).toBe(TEXT);
  expect(await readBody(streamOf(gzipSync(TEXT)), 'compress')).toBeUndefined();
});
