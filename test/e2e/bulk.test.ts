import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { BulkPreview } from '../../src/vending/commands/bulk.ts';
import type { BulkProgress } from '../../src/vending/commands/bulk-progress.ts';
import { EXAMPLE, type Json, OPERATOR, type Reply, Rig, until } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ RECONCILE_SCHEDULE: '* * * * * *' });
});
afterEach(() => rig.heal());
afterAll(() => rig.close());

const BULK = '/v1/operations/bulk';
const LEAKED = { clusterId: 'lkc-1126wj' };
const LEAK = { operation: 'revoke', filter: { cluster: LEAKED.clusterId } };
const sorted = (ids: readonly string[]): readonly string[] => ids.toSorted((a, b) => (a < b ? -1 : 1));

const bulk = async (body: Json, key: string): Promise<Reply> =>
  rig.postTo(BULK, { ...LEAK, ...body }, { key, token: await rig.token(OPERATOR) });
async function dryRun(): Promise<BulkPreview> {
  const { body } = await bulk({ validateOnly: true }, 'unused');
  return body as unknown as BulkPreview;
}
async function begin(expected: number, key: string): Promise<string> {
  const { status, body } = await bulk({ expect: expected }, key);
  expect(status).toBe(202);
  return String(body.id);
}
const done = (id: string): Promise<BulkProgress> =>
  until(async () => {
    const { body } = await rig.get(`${BULK}/${id}`, await rig.token(OPERATOR));
    const progress = body as unknown as BulkProgress;
    return progress.done === progress.count ? progress : undefined;
  });
const revokedBy = (id: string): readonly string[] =>
  rig
    .auditTrail()
    .flatMap((record) =>
      'credentialId' in record && record.change === 'revoke' && record.actor.endsWith(` bulk:${id}`)
        ? [record.credentialId]
        : [],
    );
const haveKeys = (ids: readonly string[]): readonly string[] => ids.filter((id) => rig.livingKeys(id).length > 0);

it('dry run, audit trail and living keys agree, although vends arrive in the middle of a bulk revocation', async () => {
  const old: string[] = [];
  for (const key of ['a', 'b', 'c', 'd']) old.push((await rig.vend(`leaked-${key}`, LEAKED)).id);
  const safe = await rig.vend('safe');

  // Its POST is on its way when the operator counts.
  rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { delayMs: 3_000 } });
  const posts = rig.posts().length;
  const flying = rig.post({ ...EXAMPLE, ...LEAKED }, { key: 'flying' });
  await until(async () => ((await dryRun()).count === 5 ? true : undefined));
  const { count, credentials } = await dryRun();
  rig.fault({ service: 'arm', operation: 'deleteApiKey', times: 2, fault: { delayMs: 1_000 } });
  const id = await begin(count, 'leak-1');
  const late = await rig.vend('late', LEAKED);
  const refused = await flying;
  // A review goes on where a worker may still be at work only after its lease.
  await rig.advance('PT5M');
  const progress = await done(id);

  expect(rig.posts().length).toBeGreaterThan(posts);
  expect(refused.status).not.toBe(201);
  expect(progress).toMatchObject({ failedCount: 0, left: 0, remaining: [late.id], remainingCount: 1 });
  expect(revokedBy(id)).toHaveLength(count);
  expect(sorted(revokedBy(id))).toEqual(credentials);
  expect(credentials).toEqual(expect.arrayContaining(old));
  expect(haveKeys([...credentials, late.id, safe.id])).toEqual([late.id, safe.id]);
  expect(rig.auditTrail().filter((record) => 'bulkId' in record)).toMatchObject([
    {
      actor: `operator:entra:${WORLD.tenantId}:${OPERATOR.oid}`,
      bulkId: id,
      state: 'running',
      operation: 'revoke',
      filter: LEAK.filter,
      count,
    },
  ]);

  expect(await dryRun()).toMatchObject({ count: 1, credentials: [late.id] });
  const rest = await begin(1, 'leak-2');
  await until(() => (revokedBy(rest).length === 1 ? true : undefined));
  await rig.advance('PT1M');
  await done(rest);
  expect(haveKeys([late.id, safe.id])).toEqual([safe.id]);
}, 90_000);
