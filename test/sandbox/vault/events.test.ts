import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createClock, type SandboxClock } from '../../../src/sandbox/clock/clock.ts';
import { createTokenIssuer } from '../../../src/sandbox/entra/token-issuer.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';
import { startVault, type VaultEmulator } from '../../../src/sandbox/vault/index.ts';
import type { SecretEvent } from '../../../src/sandbox/vault/secret-events.ts';

const DAY = 86_400_000;

let vault: VaultEmulator;
let clock: SandboxClock;
let client: SecretClient;
const told: SecretEvent[] = [];

beforeAll(async () => {
  clock = createClock();
  const issuer = await createTokenIssuer({ tenantId: '11111111-1111-1111-1111-111111111111', now: clock.now });
  const { caPem: ca, ...tls } = await createCertificates([]);
  vault = await startVault({
    ...{ tls, faults: new FaultPlan(), verifier: issuer.verifier, tenantId: issuer.tenantId, vaults: ['v'] },
    ...{ writerOid: 'w', officerOids: ['o'], now: () => new Date(clock.now()) },
    events: { clock, tell: (event) => told.push(event) },
  });
  const getToken = async () => {
    const { token } = await issuer.issueResourceToken({ resource: 'https://vault.azure.net', oid: 'o', appid: 'a' });
    // The client lives in real time, to which a token of the sandbox's clock is not known to be old.
    return { token, expiresOnTimestamp: Date.now() };
  };
  client = new SecretClient(
    `https://127.0.0.1:${vault.port}`,
    { getToken },
    {
      disableChallengeResourceVerification: true,
      tlsOptions: { ca },
      retryOptions: { maxRetries: 0 },
    },
  );
});
afterAll(() => vault.close());
beforeEach(() => told.splice(0));

const inDays = (days: number): Date => new Date(clock.now() + days * DAY);
const kinds = (name: string): string[] => told.filter((event) => event.name === name).map(({ kind }) => kind);
const versionOf = async (name: string, expiresOn?: Date): Promise<string> => {
  const secret = await client.setSecret(name, 'x', { ...(expiresOn !== undefined && { expiresOn }) });
  return secret.properties.version ?? '';
};

describe('what a vault tells of its secrets', () => {
  it('is every new version, and nothing more where none expires', async () => {
    const versions = [await versionOf('plain'), await versionOf('plain')];
    await clock.advance(400 * DAY);
    expect(told.map(({ version }) => version.version)).toEqual(versions);
    expect(kinds('plain')).toEqual(['NewVersionCreated', 'NewVersionCreated']);
    expect(told[0]).toMatchObject({ vault: 'v', name: 'plain', version: { exp: undefined } });
  });

  it('is that it nears its expiry, and that it has expired: once each, at their times', async () => {
    const expiry = inDays(90);
    await versionOf('ageing', expiry);
    await clock.advance(59 * DAY);
    expect(kinds('ageing')).toEqual(['NewVersionCreated']);
    await clock.advance(2 * DAY);
    expect(kinds('ageing')).toEqual(['NewVersionCreated', 'NearExpiry']);
    await clock.advance(28 * DAY);
    expect(kinds('ageing')).toHaveLength(2);
    await clock.advance(2 * DAY);
    await clock.advance(100 * DAY);
    expect(kinds('ageing')).toEqual(['NewVersionCreated', 'NearExpiry', 'Expired']);
    const [, near, expired] = told;
    const seconds = Math.floor(expiry.getTime() / 1000);
    expect([near?.at, expired?.at]).toEqual([(seconds - 30 * 86_400) * 1000, seconds * 1000]);
    expect(near?.version.exp).toBe(seconds);
  });

  it('comes in the order of its times when a move passes over all of it', async () => {
    await versionOf('later', inDays(100));
    await versionOf('sooner', inDays(80));
    told.splice(0);
    await clock.advance(200 * DAY);
    expect(told.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      ...['sooner NearExpiry', 'later NearExpiry'],
      ...['sooner Expired', 'later Expired'],
    ]);
    const times = told.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('is told at once of what expires within 30 days', async () => {
    await versionOf('short', inDays(10));
    expect(kinds('short')).toEqual(['NewVersionCreated', 'NearExpiry']);
    await versionOf('past', inDays(-1));
    expect(kinds('past')).toEqual(['NewVersionCreated', 'NearExpiry', 'Expired']);
    expect(told.every(({ at }) => at <= clock.now() && at > clock.now() - 60_000)).toBe(true);
  });

  it('is of the current version alone that it nears its expiry, of all that they have expired', async () => {
    const old = await versionOf('rotated', inDays(60));
    await clock.advance(DAY);
    const successor = await versionOf('rotated', inDays(60));
    told.splice(0);
    await clock.advance(100 * DAY);
    const ofIt = told.filter(({ name }) => name === 'rotated');
    expect(ofIt.map(({ kind, version }) => [kind, version.version])).toEqual([
      ['NearExpiry', successor],
      ['Expired', old],
      ['Expired', successor],
    ]);
  });

  it('follows an expiry that is changed', async () => {
    const version = await versionOf('prolonged', inDays(40));
    await clock.advance(11 * DAY);
    expect(kinds('prolonged')).toEqual(['NewVersionCreated', 'NearExpiry']);
    await client.updateSecretProperties('prolonged', version, { expiresOn: inDays(90) });
    await clock.advance(50 * DAY);
    expect(kinds('prolonged')).toHaveLength(2);
    await clock.advance(11 * DAY);
    expect(kinds('prolonged')).toEqual(['NewVersionCreated', 'NearExpiry', 'NearExpiry']);
  });

  it('is nothing while it is deleted', async () => {
    await versionOf('deleted', inDays(50));
    await client.beginDeleteSecret('deleted');
    await clock.advance(30 * DAY);
    expect(kinds('deleted')).toEqual(['NewVersionCreated']);
    await client.beginRecoverDeletedSecret('deleted');
    expect(kinds('deleted')).toEqual(['NewVersionCreated', 'NearExpiry']);
  });
});

describe('what a reference without version yields', () => {
  it('is the newest version, which is named', async () => {
    await versionOf('current');
    const newest = await client.setSecret('current', 'newest');
    expect(vault.current('v', 'current')).toEqual({
      version: newest.properties.version,
      versionless: { status: 200, version: newest.properties.version, value: 'newest' },
    });
    expect((await client.getSecret('current')).value).toBe('newest');
  });

  it('is a refusal where that is disabled: there is no falling back', async () => {
    await versionOf('fallback');
    const { properties } = await client.setSecret('fallback', 'newest');
    await client.updateSecretProperties('fallback', properties.version ?? '', { enabled: false });
    const error = { code: 'Forbidden', message: expect.any(String), innererror: { code: 'SecretDisabled' } };
    expect(vault.current('v', 'fallback')).toEqual({
      version: properties.version,
      versionless: { status: 403, error },
    });
    await expect(client.getSecret('fallback')).rejects.toMatchObject({ statusCode: 403 });
  });

  it('is nothing where there is no such secret or vault', () => {
    expect(vault.current('v', 'nobodys')).toBeUndefined();
    expect(vault.current('nobodys', 'current')).toBeUndefined();
  });
});
