import { pipeline, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  type Pipeline,
  type PipelinePolicy,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import { VERSION } from '../vending/model/version.ts';

/** Microsoft's support finds the requests of a version by it. */
export const USER_AGENT = `confluent-api-key-vending/${VERSION}`;

export const ARM_SCOPE = 'https://management.azure.com/.default';

/** Puts the identity's token on every request, and answers claims challenges with a new one. */
export function authenticationPolicy(credential: TokenCredential, scopes: string): PipelinePolicy {
  return bearerTokenAuthenticationPolicy({
    credential,
    scopes,
    challengeCallbacks: {
      // The policy's own cache refreshes a token that is about to expire behind the requests' back. If the identity
      // endpoint is down until it has expired, that is an unhandled rejection, which ends the process. The credential
      // caches as well, so it is asked every time.
      authorizeRequest: async ({ request }) => {
        const token = await credential.getToken(scopes, { enableCae: true });
        if (token === null) throw new Error('The credential has no token');
        request.headers.set('authorization', `Bearer ${token.token}`);
      },
    },
  });
}

/** A pipeline put together by hand follows no redirect, which would send a POST again, and logs nothing. */
export function pipelineOf(...policies: readonly PipelinePolicy[]): Pipeline {
  const pipeline = createEmptyPipeline();
  for (const policy of policies) pipeline.addPolicy(policy);
  return pipeline;
}

export const isSuccess = (status: number): boolean => status >= 200 && status < 300;

const errorSchema = z.object({ error: z.object({ code: z.string() }) });

/** `error.code` of an answer. It may be any text: `traceOfResponse` drops what does not look like a code. */
export const errorCodeIn = (body: string | undefined): string | undefined =>
  errorSchema.safeParse(parseJson(body)).data?.error.code;

/** Undefined if it is not JSON. The parser's error is dropped: it quotes the text. */
export function parseJson(text: string | null | undefined): unknown {
  if (text === undefined || text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The variables that the Azure clients read, in this order, in lower case too. */
const NAMES = ['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY'];

/**
 * Removes what would lead clients through a proxy. The clients of identity, vault and table would go there, and the identity
 * endpoint's secret header with them. Clients read the environment when they are made, so call it first.
 *
 * @returns the names that were set
 */
export function ignoreProxies(env: Record<string, string | undefined>): readonly string[] {
  const set = NAMES.flatMap((name) => [name, name.toLowerCase()]).filter((name) => (env[name] ?? '') !== '');
  for (const name of set) delete env[name];
  return set;
}

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
