import { env } from 'node:process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import { createCredential } from '../../../src/azure/credential.ts';
import { type ArmEmulator, startArm } from '../../../src/sandbox/arm/arm.ts';
import { type IdentityEndpoint, startIdentityEndpoint } from '../../../src/sandbox/entra/identity-endpoint.ts';
import { createTokenIssuer } from '../../../src/sandbox/entra/token-issuer.ts';
import { type FaultEffect, FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { routeToEmulators } from '../emulated-hosts.ts';
import { MINT, MINT_PATH, mint, TARGET } from './fixtures.ts';

const CLIENT_ID = 'cccccccc-0000-4000-8000-000000000001';

const faults = new FaultPlan();
let arm: ArmEmulator;
let identity: IdentityEndpoint;
let keys: ConfluentKeys;

// Nothing is faked on this side: production host names, TLS, and a token of the managed identity endpoint.
beforeAll(async () => {
  const issuer = await createTokenIssuer({ tenantId: '11111111-2222-3333-4444-aaaaaaaaaaaa' });
  const { caPem, cert, key } = await createCertificates(['management.azure.com']);
  arm = await startArm({ tls: { cert, key }, faults, verifier: issuer.verifier });
  identity = await startIdentityEndpoint({ faults, issuer, identity: { clientId: CLIENT_ID, principalId: CLIENT_ID } });
  env.IDENTITY_ENDPOINT = identity.endpoint;
  env.IDENTITY_HEADER = identity.header;
  await routeToEmulators({ 'management.azure.com': arm.port }, caPem);
  keys = createConfluentKeys({ credential: createCredential('managed-identity', CLIENT_ID) });
});
afterAll(() => Promise.all([arm.close(), identity.close()]));
afterEach(() => faults.clear());

it('mints, looks up and deletes a key', async () => {
  const minted = await mint(keys);
  if (minted.kind !== 'minted') throw new Error(`not minted: ${JSON.stringify(minted)}`);
  const [held] = arm.keys();
  expect(held).toEqual({
    id: minted.key.id,
    secret: minted.secret.reveal(),
    name: MINT.name,
    description: MINT.description,
    clusterId: TARGET.clusterId,
    deleted: false,
  });
  expect(minted.upstream.requestId).toMatch(/^[0-9a-f-]{36}$/);
  const [request] = arm.requests();
  expect(request?.path).toBe(MINT_PATH.split('?')[0]);

  expect(await keys.getKey(TARGET, minted.key.id)).toMatchObject({
    kind: 'found',
    key: { id: minted.key.id, metadata: minted.key.metadata, spec: { description: MINT.description } },
  });
  expect((await keys.deleteKey(TARGET, minted.key.id)).kind).toBe('deleted');
  expect((await keys.deleteKey(TARGET, minted.key.id)).kind).toBe('absent');
  expect((await keys.getKey(TARGET, minted.key.id)).kind).toBe('absent');
});

describe('one POST, whatever goes wrong:', () => {
  it.each<[string, FaultEffect, object, number]>([
    ['cut before it acts', { drop: 'before' }, { kind: 'ambiguous' }, 0],
    ['cut after it acted', { drop: 'after' }, { kind: 'ambiguous' }, 1],
    ['half of the answer', { truncate: true }, { kind: 'ambiguous', upstream: { status: 200 } }, 1],
    ['null for an answer', { answer: null }, { kind: 'ambiguous', upstream: { status: 200 } }, 1],
    ['no secret', { secret: '' }, { kind: 'no-secret', key: { kind: 'ApiKey' } }, 1],
    ['another owner', { owner: { id: 'u-1' } }, { kind: 'minted', key: { spec: { owner: { id: 'u-1' } } } }, 1],
    ['throttled', { status: 429, headers: { 'retry-after': '7' } }, { kind: 'throttled', retryAfterMs: 7_000 }, 0],
    ['failing', { status: 503, headers: { 'retry-after': '0' } }, { kind: 'ambiguous', upstream: { status: 503 } }, 0],
    ['refused', { status: 400 }, { kind: 'refused', upstream: { code: 'InjectedFault' } }, 0],
  ])('%s', async (_name, fault, outcome, minted) => {
    const before = { posts: arm.requests().length, keys: arm.keys().length };
    faults.add({ service: 'arm', operation: 'createApiKey', fault });
    expect(await mint(keys)).toMatchObject(outcome);
    expect(arm.requests().length - before.posts).toBe(1);
    expect(arm.keys().length - before.keys).toBe(minted);
  });
});

it('names what does not exist', async () => {
  const target = { ...TARGET, clusterId: 'lkc-nowhere' };
  expect(await mint(keys, { ...MINT, target })).toMatchObject({
    kind: 'refused',
    reason: 'target-not-found',
    upstream: { status: 404, code: 'ResourceNotFound' },
  });
});
