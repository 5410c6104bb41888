import { env } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { AzureCliCredential, ManagedIdentityCredential } from '@azure/identity';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bounded, createCredential, proveToken, withLastToken } from '../../src/azure/credential.ts';
import { type IdentityEndpoint, startIdentityEndpoint } from '../../src/sandbox/entra/identity-endpoint.ts';
import { createTokenIssuer, type TokenIssuer } from '../../src/sandbox/entra/token-issuer.ts';
import { FaultPlan } from '../../src/sandbox/kit/faults.ts';

const IDENTITY = {
  clientId: 'cccccccc-0000-4000-8000-000000000001',
  principalId: 'cccccccc-0000-4000-8000-000000000002',
};
const SCOPE = 'https://management.azure.com/.default';

const faults = new FaultPlan();
let issuer: TokenIssuer;
let endpoint: IdentityEndpoint;

// The identity library keeps the endpoint and its tokens for the life of the process: the order of the tests matters.
beforeAll(async () => {
  issuer = await createTokenIssuer({ tenantId: '11111111-2222-3333-4444-aaaaaaaaaaaa' });
  endpoint = await startIdentityEndpoint({ faults, issuer, identity: IDENTITY });
  env.IDENTITY_ENDPOINT = endpoint.endpoint;
  env.IDENTITY_HEADER = endpoint.header;
});
afterAll(() => endpoint.close());

it('says with what status the identity endpoint refuses a token, and nothing of what it said', async () => {
  const body = { statusCode: 403, message: 'upstream text' };
  faults.add({ service: 'identity', times: 1, fault: { status: 403, body } });
  const proof = await proveToken(createCredential('managed-identity', IDENTITY.clientId), SCOPE);
  expect(proof).toMatchObject({ kind: 'unavailable', upstream: { service: 'identity', status: 403 } });
  expect(JSON.stringify(proof)).not.toContain('text');
});

it('proves that a token can be had, for the identity that was configured', async () => {
  const credential = createCredential('managed-identity', IDENTITY.clientId);
  expect(await proveToken(credential, SCOPE)).toEqual({ kind: 'ok' });
  const token = await credential.getToken(SCOPE);
  expect(await issuer.verifier.verify(`Bearer ${token?.token}`, ['https://management.azure.com'])).toMatchObject({
    kind: 'valid',
    claims: { oid: IDENTITY.principalId },
  });
});

it('takes the system-assigned identity unless one is configured', async () => {
  expect(await proveToken(createCredential('managed-identity'), SCOPE)).toEqual({ kind: 'ok' });
});

it('has no token of an identity that is not assigned', async () => {
  const proof = await proveToken(createCredential('managed-identity', 'cccccccc-0000-4000-8000-000000000009'), SCOPE);
  expect(proof).toMatchObject({ kind: 'unavailable', upstream: { service: 'identity', status: 400 } });
});

it('takes a credential that hands out nothing for unavailable', async () => {
  expect(await proveToken({ getToken: async () => null }, SCOPE)).toEqual({
    kind: 'unavailable',
    upstream: { service: 'identity', code: 'NoToken' },
  });
});

describe('a credential with its last token', () => {
  const failing = (lifetimeMs: number): TokenCredential => {
    let asked = 0;
    return {
      getToken: async () => {
        if (asked++ > 0) throw new Error('the identity endpoint is down');
        return { token: 'only', expiresOnTimestamp: Date.now() + lifetimeMs };
      },
    };
  };

  it('gives the last token when there is no new one, and fails only if there never was one', async () => {
    const credential = withLastToken(failing(1_000));
    expect((await credential.getToken(SCOPE))?.token).toBe('only');
    expect((await credential.getToken(SCOPE))?.token).toBe('only');
    await expect(credential.getToken('https://vault.azure.net/.default')).rejects.toThrow('down');
  });

  // Without the fallback the runner reports the pipeline's unhandled rejection, and the run fails.
  it('outlives its token while the identity endpoint is down, in the SDK’s pipeline', async () => {
    const pipeline = createEmptyPipeline();
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential: withLastToken(failing(2_000)), scopes: SCOPE }));
    const seen: (string | undefined)[] = [];
    const client: HttpClient = {
      sendRequest: async (request) => {
        seen.push(request.headers.get('authorization'));
        return { request, status: 200, headers: createHttpHeaders() };
      },
    };
    const send = () => pipeline.sendRequest(client, createPipelineRequest({ url: 'https://v.vault.azure.net/' }));
    await send();
    await send();
    await setTimeout(4_000);
    await send();
    expect(seen).toEqual(Array(3).fill('Bearer only'));
  });
});

it.each([
  ['managed-identity', ManagedIdentityCredential],
  ['azure-cli', AzureCliCredential],
] as const)('a request of the identity that hangs ends: %s', async (kind, { prototype }) => {
  vi.useFakeTimers();
  const hanging = vi.spyOn(prototype, 'getToken').mockReturnValue(new Promise<never>(() => undefined));
  try {
    let ended: unknown;
    createCredential(kind)
      .getToken(SCOPE)
      .catch((error: unknown) => {
        ended = error;
      });
    // MSAL's tries take 16 seconds.
    await vi.advanceTimersByTimeAsync(16_000);
    expect(ended).toBeUndefined();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(ended).toMatchObject({ name: 'TimeoutError' });
  } finally {
    hanging.mockRestore();
    vi.useRealTimers();
  }
});

it.each([
  ['that ends', bounded],
  ['with its last token', withLastToken],
])('a credential %s asks for what it is asked for', async (_what, wrapped) => {
  const getToken = vi.fn<TokenCredential['getToken']>(async () => null);
  const options = { claims: '{}', enableCae: true };
  await wrapped({ getToken }).getToken([SCOPE], options);
  expect(getToken.mock.calls).toEqual([[[SCOPE], options]]);
});
