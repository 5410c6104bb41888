import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { vaultUrl, WORLD } from '../../src/sandbox/azure/world.ts';
import type { RecoveryPage } from '../../src/vending/commands/recovery/schema.ts';
import type { Credential } from '../../src/vending/model/credential.ts';
import { EXAMPLE, type Json, OPERATOR, problemUri, type Reply, Rig, until, type Vended, vendedOf } from './harness.ts';

const [VAULT, PAYMENTS] = WORLD.vaults;
const PAYING = { oid: '77777777-7777-4777-8777-777777777777', roles: ['KeyVending.Requester'] };
const CHOSEN = { secretName: 'portal-chosen', secretFormat: 'json', validFor: 'P60D' };

let rig: Rig;
/** Rotated, and in its overlap. */
let rotated: Vended;
let chosen: Vended;
/** Ordered by message. */
let ordered: Vended;
/** Of another caller, in another vault. */
let paying: Vended;
/** Rows of the credentials before the loss, by id. */
let before: ReadonlyMap<string, Credential | undefined>;
/** A key that has nothing to do with this service. */
let elsewhere: string;

const all = (): readonly string[] => [rotated, chosen, ordered, paying].map(({ id }) => id);
const rows = async (): Promise<Map<string, Credential | undefined>> =>
  new Map(await Promise.all(all().map(async (id) => [id, await rig.ledgerRow(id)] as const)));

/** What stays the same. Counters of the ledger are new, Key Vault counts in seconds, and ARM shows more of a key later. */
function lasting(row: Credential | undefined) {
  if (row === undefined) return undefined;
  const { sequence: _, writeId: __, createdAt: ___, sweepAt: ____, current, previous, ...rest } = row;
  const { key, secret, attempt, nonce } = current ?? {};
  return { ...rest, current: [key?.id, secret, attempt, nonce], previous: [previous?.keyId, previous?.secret] };
}

const recover = async (body: Json): Promise<Reply> =>
  rig.postTo('/v1/operations/recover', body, { token: await rig.token(OPERATOR) });
const pageOf = ({ body }: Reply): RecoveryPage => body as unknown as RecoveryPage;
const entryOf = (reply: Reply, id: string) => pageOf(reply).secrets.find((each) => each.id === id);
const outcomesOf = (reply: Reply): readonly (string | undefined)[] => all().map((id) => entryOf(reply, id)?.outcome);

/** Somebody who may write to the vault. */
async function forge(name: string, tags: Record<string, string>): Promise<void> {
  const { caFile, vault } = rig.sandbox.azure;
  const token = await rig.token({ audience: 'https://vault.azure.net', oid: WORLD.functionOid });
  const officer = new SecretClient(
    `https://127.0.0.1:${vault.port}`,
    { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) },
    { disableChallengeResourceVerification: true, tlsOptions: { ca: await readFile(caFile) } },
  );
  await officer.setSecret(name, 'forged', { tags });
}

async function restart(changed: Readonly<Record<string, string>>, between = async () => {}): Promise<void> {
  await rig.sandbox.function.stop();
  await between();
  await rig.sandbox.function.start(0, changed);
}

beforeAll(async () => {
  rig = await Rig.start({ RECONCILE_SCHEDULE: '* * * * * *' });
  rotated = await rig.vend('rotated', { description: 'in its overlap' });
  await rig.rotate(rotated.id, 'r1');
  chosen = await rig.vend('chosen', CHOSEN);
  rig.send('ordered', EXAMPLE);
  ordered = vendedOf((await rig.replyTo('ordered')).body as Json);
  paying = await rig.vend('paying', { clusterId: 'lkc-1126wj' }, await rig.token(PAYING));
  elsewhere = paying.keyId;
  before = await rows();
  const current = before.get(chosen.id)?.current;
  const tags = rig.versions(chosen.secretName)?.[0]?.tags ?? {};
  // The vault counts in seconds, and keeps no order within one.
  await delay(1_100);
  await forge(chosen.secretName, { ...tags, 'vend-key': elsewhere });
  await forge('lure', {
    ...tags,
    'vend-id': 'a'.repeat(26),
    'vend-nonce': current?.nonce ?? '',
    'vend-key': elsewhere,
  });
});
afterAll(() => rig.close());

it('is refused while the service is not paused, and to others than operators', async () => {
  expect(await recover({})).toMatchObject({ status: 409, body: { type: problemUri('not-paused') } });
  expect((await rig.postTo('/v1/operations/recover', {})).status).toBe(403);
});

it('is refused until nothing from before the pause can be under way', async () => {
  await restart({ MODE: 'paused' }, () => rig.sandbox.azure.tables.removeRows(WORLD.ledgerTable, () => true));
  expect([...(await rows()).values()]).toEqual([undefined, undefined, undefined, undefined]);
  const early = await recover({ validateOnly: true });
  expect(early).toMatchObject({ status: 503, body: { type: problemUri('not-settled') } });
  expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(0);
  await rig.advance('PT10M');
});

it('says in a dry run what would be inserted, and what is not and why', async () => {
  const tried = await recover({ validateOnly: true });
  expect(outcomesOf(tried)).toEqual(['inserted', 'inserted', 'inserted', undefined]);
  expect(entryOf(tried, rotated.id)?.keys.map(({ is }) => is)).toEqual(['current', 'previous']);
  expect(entryOf(tried, chosen.id)).toMatchObject({
    newestIsAnother: true,
    keys: [{ is: 'forged' }, { is: 'current' }],
  });
  expect(entryOf(tried, 'a'.repeat(26))).toMatchObject({ outcome: 'not-inserted', reason: 'forged-tags' });
  expect(await rig.rowKeys()).toEqual([]);
});

it('inserts every row as it was, from each vault', async () => {
  expect(pageOf(await recover({})).secrets.filter(({ outcome }) => outcome === 'inserted')).toHaveLength(3);
  expect(outcomesOf(await recover({ vaultUrl: vaultUrl(PAYMENTS) }))[3]).toBe('inserted');
  const after = await rows();
  for (const id of all()) expect(lasting(after.get(id))).toEqual(lasting(before.get(id)));
  expect(rig.livingKeys(rotated.id)).toHaveLength(2);
  expect(rig.isDeleted(elsewhere)).toBe(false);
  for (const id of all()) expect(rig.auditOf(id).at(-1)).toMatchObject({ change: 'insertRecovered', state: 'vended' });
});

it('changes nothing when it is repeated', async () => {
  const { size } = new Set(await rig.rowKeys());
  expect(outcomesOf(await recover({ vaultUrl: vaultUrl(VAULT) }))).toEqual(['known', 'known', 'known', undefined]);
  expect(new Set(await rig.rowKeys()).size).toBe(size);
});

it('the same idempotency keys answer with the same credentials', async () => {
  const posts = rig.posts().length;
  const again = await rig.post({ ...EXAMPLE, description: 'in its overlap' }, { key: 'rotated' });
  expect(again).toMatchObject({ status: 200, body: { id: rotated.id, status: 'vended' } });
  expect((await rig.post({ ...EXAMPLE, ...CHOSEN }, { key: 'chosen' })).body.id).toBe(chosen.id);
  rig.send('ordered', EXAMPLE);
  const replies = await until(() => {
    const both = rig.replies().filter(({ correlationId }) => correlationId === 'ordered');
    return both.length === 2 ? both : undefined;
  });
  expect(replies.map(({ body }) => (body as Json).id)).toEqual([ordered.id, ordered.id]);
  const other = await rig.post(
    { ...EXAMPLE, clusterId: 'lkc-1126wj' },
    { key: 'paying', token: await rig.token(PAYING) },
  );
  expect(other).toMatchObject({ status: 200, body: { id: paying.id } });
  expect(rig.posts()).toHaveLength(posts);
});

it('rotation, overlap and revocation go on', async () => {
  await restart({ MODE: 'normal' });
  const next = await rig.rotate(chosen.id, 'r2');
  expect(next).toMatchObject({ status: 201, body: { previous: { apiKeyId: chosen.keyId } } });
  await rig.advance('P2D');
  await until(async () => ((await rig.ledgerRow(rotated.id))?.previous === undefined ? true : undefined));
  expect(rig.livingKeys(rotated.id)).toEqual([before.get(rotated.id)?.current?.key.id]);
  expect((await rig.delete(`/v1/credentials/${rotated.id}`)).status).toBe(200);
  expect(rig.livingKeys(rotated.id)).toEqual([]);
  expect(rig.isDeleted(elsewhere)).toBe(false);
});
