import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { FaultRule } from '../../src/sandbox/kit/faults.ts';
import { EXAMPLE, type Json, OPERATOR, problemUri, type Reply, Rig, until } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ RECONCILE_SCHEDULE: '* * * * * *' });
  await rig.vend('warm');
});
afterEach(() => rig.heal());
afterAll(() => rig.close());

/** After the settling time, and when every key of the attempt is old. */
const DOUBTLESS = 'PT8M';

/** The caller's connection is cut at once. `seconds` later by the sandbox's clock it takes effect. */
const hold = (rule: Omit<FaultRule, 'fault'>, seconds: number): void =>
  rig.fault({ ...rule, fault: { holdMs: seconds * 1_000 } });

const vend = (key: string): Promise<Reply> => rig.post(EXAMPLE, { key });
const resolve = async (id: string, body: Json): Promise<Reply> =>
  rig.postTo(`/v1/operations/credentials/${id}/resolve`, body, { token: await rig.token(OPERATOR) });
const rowOf = async (id: string) => (await rig.ledgerRow(id)) ?? expect.fail(`there is no row of ${id}`);
const enabledOf = async (id: string): Promise<readonly boolean[]> =>
  rig.versions((await rowOf(id)).secretName)?.map(({ enabled }) => enabled) ?? [];

it('a POST that lands after its deadline is found under its marker, and its key is deleted', async () => {
  hold({ service: 'arm', operation: 'createApiKey', times: 1 }, 100);
  const reply = await vend('late-post');
  expect(reply).toMatchObject({ status: 502, body: { type: problemUri('outcome-unknown') } });
  const id = String(reply.body.credentialId);
  expect(rig.livingKeys(id)).toEqual([]);
  await rig.advance('PT2M');
  const [apiKeyId] = rig.livingKeys(id);
  expect(apiKeyId).toBeDefined();
  await rig.advance(DOUBTLESS);
  expect(await resolve(id, { decision: 'key', apiKeyId })).toMatchObject({ status: 200 });
  await rig.becomes(id, 'failed');
  expect(rig.livingKeys(id)).toEqual([]);
  expect(await vend('late-post')).toMatchObject({ status: 201, body: { id } });
  expect(rig.livingKeys(id)).toHaveLength(1);
});

it('a PUT that lands after its key was deleted is disabled, and the next vend is what readers get', async () => {
  hold({ service: 'vault', operation: 'setSecret', times: 1 }, 590);
  const reply = await vend('late-put');
  expect(reply).toMatchObject({ status: 503, body: { type: problemUri('not-yet-confirmed') } });
  const id = String(reply.body.credentialId);
  await rig.advance(DOUBTLESS);
  await rig.becomes(id, 'failed');
  expect([rig.livingKeys(id), await enabledOf(id)]).toEqual([[], []]);
  await rig.advance('PT2M');
  expect(await enabledOf(id)).toEqual([true]);
  await rig.advance('PT4M');
  await until(async () => ((await enabledOf(id))[0] === false ? true : undefined));
  expect(await vend('late-put')).toMatchObject({ status: 201, body: { id } });
  expect(await enabledOf(id)).toEqual([false, true]);
  expect(rig.livingKeys(id)).toEqual([(await rowOf(id)).current?.key.id]);
});

it('a PUT of a rotation that lands so late takes the secret from the readers, and another rotation gives them one', async () => {
  const { id, keyId } = await rig.vend('late-rotation');
  hold({ service: 'vault', operation: 'setSecret', times: 1 }, 590);
  expect((await rig.rotate(id, 'r')).status).toBe(503);
  await rig.advance(DOUBTLESS);
  await until(async () => ((await rowOf(id)).failure === undefined ? undefined : true));
  expect(rig.livingKeys(id)).toEqual([keyId]);
  await rig.advance('PT2M');
  expect(await enabledOf(id)).toEqual([true, true]);
  await rig.advance('PT4M');
  const current = await until(async () => {
    const row = await rowOf(id);
    return row.current?.key.id === keyId ? undefined : row.current;
  });
  expect(rig.versions((await rowOf(id)).secretName)?.at(-1)).toMatchObject({ version: current?.secret.version });
  expect(await enabledOf(id)).toEqual([true, false, true]);
  expect(rig.livingKeys(id)).toEqual([keyId, current?.key.id]);
});

it('a DELETE that lands when nobody waits for it any more still ends the revocation', async () => {
  const { id } = await rig.vend('late-delete');
  hold({ service: 'arm', operation: 'deleteApiKey' }, 300);
  expect(await rig.delete(`/v1/credentials/${id}`)).toMatchObject({ status: 202, body: { status: 'revoking' } });
  expect(rig.livingKeys(id)).toHaveLength(1);
  await rig.advance('PT5M');
  expect(rig.livingKeys(id)).toEqual([]);
  await rig.becomes(id, 'revoked');
});

it('a claim that lands when its worker has given up changes nothing for the caller who asked again', async () => {
  hold({ service: 'table', operation: 'batch' }, 120);
  const reply = await vend('late-claim');
  expect(reply).toMatchObject({ status: 503, body: { type: problemUri('ledger-unavailable') } });
  rig.heal();
  const vended = await vend('late-claim');
  expect(vended.status).toBe(201);
  const id = String(vended.body.id);
  await rig.advance('PT2M');
  expect(rig.sandbox.azure.faults.held).toBe(0);
  expect(await vend('late-claim')).toMatchObject({ status: 200, body: { id, apiKey: vended.body.apiKey } });
  expect(rig.livingKeys(id)).toHaveLength(1);
});

it('a claim that lands when its worker has given up, and that nobody repeats, mints nothing', async () => {
  const before = rig.posts().length;
  hold({ service: 'table', operation: 'batch' }, 120);
  const id = String((await vend('late-claim-alone')).body.credentialId);
  rig.heal();
  await rig.advance('PT2M');
  await rig.advance(DOUBTLESS);
  await rig.becomes(id, 'unknown');
  expect(await resolve(id, { decision: 'none' })).toMatchObject({ status: 200 });
  await rig.becomes(id, 'failed');
  expect(rig.posts()).toHaveLength(before);
});
