import { readFile } from 'node:fs/promises';
import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { Credential } from '../../src/vending/model/credential.ts';
import { type Json, OPERATOR, type Reply, Rig, until, type Vended } from './harness.ts';

/** Lease, settling time and the two minutes in which a key may be invisible are over then. */
const SETTLED = 'PT8M';

let rig: Rig;
/** Of another team. */
let other: Vended;
beforeAll(async () => {
  rig = await Rig.start({ RECONCILE_SCHEDULE: '* * * * * *' });
  const token = await rig.token({ oid: '77777777-7777-4777-8777-777777777777', roles: ['KeyVending.Requester'] });
  other = await rig.vend('of-another-team', { clusterId: 'lkc-1126wj' }, token);
});
afterEach(() => {
  rig.heal();
  expect(rig.isDeleted(other.keyId)).toBe(false);
  expect(rig.versions(other.secretName, WORLD.vaults[1])?.map(({ enabled }) => enabled)).toEqual([true]);
});
afterAll(() => rig.close());

/** Somebody who may write to the vault. */
async function officer(): Promise<SecretClient> {
  const { caFile, vault } = rig.sandbox.azure;
  const token = await rig.token({ audience: 'https://vault.azure.net', oid: WORLD.functionOid });
  const expiresOnTimestamp = Date.now() + 3_600_000;
  return new SecretClient(
    `https://127.0.0.1:${vault.port}`,
    { getToken: async () => ({ token, expiresOnTimestamp }) },
    { disableChallengeResourceVerification: true, tlsOptions: { ca: await readFile(caFile) } },
  );
}

/** A version of the credential's secret that says it holds the other team's key. */
async function forgeVersion(
  { id, secretName }: Pick<Credential, 'id' | 'secretName'>,
  attempt: Attempt,
): Promise<void> {
  const tags = {
    'vend-id': id,
    'vend-attempt': String(attempt.attempt),
    'vend-nonce': attempt.nonce,
    'vend-key': other.keyId,
  };
  await (await officer()).setSecret(secretName, 'forged', { tags });
}

type Attempt = Pick<NonNullable<Credential['work']>, 'attempt' | 'nonce'>;

/** The function dies during the next call of this kind. The call has begun by then, so the fault is for nobody else's. */
async function dieDuring(
  step: { readonly service: 'arm' | 'vault'; readonly operation: string },
  key: string,
  phase: 'minting' | 'minted',
): Promise<Credential & { readonly work: NonNullable<Credential['work']> }> {
  const trial = await rig.post({ ...REQUEST, validateOnly: true }, { key });
  const id = String(trial.body.id);
  rig.fault({ ...step, times: 1, fault: { delayMs: 60_000, drop: 'before' } });
  const asked = rig.post(REQUEST, { key }).catch(() => undefined);
  const row = await until(async () => {
    const seen = await rig.ledgerRow(id);
    const isUnderWay = seen?.work?.phase === phase && rig.sandbox.azure.faults.armed().length === 0;
    return isUnderWay ? { ...seen, work: seen.work } : undefined;
  });
  await rig.sandbox.function.kill();
  await asked;
  await rig.sandbox.function.start(0);
  return row;
}
const REQUEST = { environmentId: 'env-12132', clusterId: 'clusterId-123', name: 'forged' };

const resolve = async (id: string, body: Json): Promise<Reply> =>
  rig.postTo(`/v1/operations/credentials/${id}/resolve`, body, { token: await rig.token(OPERATOR) });

describe('a forged version that names another team’s key', () => {
  it('is not adopted for an attempt of which no key is known: it is unknown', async () => {
    const row = await dieDuring({ service: 'arm', operation: 'createApiKey' }, 'minting', 'minting');
    await forgeVersion(row, row.work);
    await rig.advance(SETTLED);
    expect(await rig.becomes(row.id, 'unknown')).not.toHaveProperty('apiKey');
    expect((await resolve(row.id, { decision: 'key', apiKeyId: other.keyId })).status).toBe(409);
  });

  it('is not adopted for an attempt whose key is known: an operator says whose it is, and that key is deleted', async () => {
    const row = await dieDuring({ service: 'vault', operation: 'setSecret' }, 'minted', 'minted');
    const own = String(row.work.keyId);
    await forgeVersion(row, row.work);
    await rig.advance(SETTLED);
    // It may hold the secret of that key, under tags that somebody replaced.
    expect(
      (await until(async () => ((await rig.ledgerRow(row.id))?.retry ? rig.ledgerRow(row.id) : undefined)))?.work
        ?.phase,
    ).toBe('minted');
    const [version] = rig.versions(row.secretName)?.filter(({ tags }) => tags['vend-key'] === other.keyId) ?? [];
    const word = { decision: 'key', apiKeyId: own };
    expect((await resolve(row.id, word)).status).toBe(409);
    const resolved = await resolve(row.id, { ...word, versions: { [String(version?.version)]: 'other' } });
    expect(resolved).toMatchObject({ status: 200, body: { status: 'failed' } });
    expect(rig.isDeleted(own)).toBe(true);
  });

  it('is not adopted as the key of a credential that was vended, and its key is not deleted with it', async () => {
    const vended = await rig.vend('vended');
    const row = await rig.ledgerRow(vended.id);
    if (row?.current === undefined) throw new Error('Nothing was vended.');
    await forgeVersion(row, row.current);
    await rig.advance(SETTLED);
    expect(await rig.becomes(vended.id, 'vended')).toMatchObject({ apiKey: { id: vended.keyId } });
    await rig.delete(`/v1/credentials/${vended.id}`);
    await rig.becomes(vended.id, 'revoked');
    expect(rig.livingKeys(vended.id)).toEqual([]);
    expect(rig.versions(vended.secretName)?.find(({ version }) => version === vended.version)?.enabled).toBe(false);
  });
});

it('tags that were replaced by another team’s make no revocation forget the version that the row names', async () => {
  const vended = await rig.vend('replaced-tags');
  const tags = { 'vend-id': other.id, 'vend-attempt': '1', 'vend-nonce': 'aaaaaa', 'vend-key': other.keyId };
  await (await officer()).updateSecretProperties(vended.secretName, vended.version, { tags });
  expect((await rig.delete(`/v1/credentials/${vended.id}`)).body.status).toBe('revoked');
  expect(rig.isDeleted(vended.keyId)).toBe(true);
  expect(rig.versions(vended.secretName)?.map(({ enabled }) => enabled)).toEqual([false]);
});
