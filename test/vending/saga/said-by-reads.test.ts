import { beforeEach, describe, expect, it } from 'vitest';
import { listRows } from '../../../src/vending/commands/list.ts';
import { recover } from '../../../src/vending/commands/recovery/recover.ts';
import { prune } from '../../../src/vending/review/retention.ts';
import { readCredential } from '../../../src/vending/saga/commit.ts';
import { tickIn, vended } from '../review/scenes.ts';
import {
  AFTER_DOUBT,
  currentKeyIn,
  DAY,
  faultsAt,
  HOUR,
  ID,
  OPERATOR,
  revokeIn,
  rotateIn,
  rowIn,
  SETTINGS,
  withoutFaults,
} from '../world/steps.ts';
import { World } from '../world/world.ts';

/* What a service did not say is neither lost nor taken for an answer. */

let world: World;
beforeEach(async () => {
  world = new World();
  await vended(world);
});
const lineOf = (event: string): object | undefined => world.logs.findLast((line) => line.event === event);
const stored = async () => {
  const read = await readCredential(world.ctx(), ID);
  if (read.kind !== 'found') throw new Error('The ledger does not have it.');
  return read.row;
};

describe('a credential', () => {
  it('that the ledger does not tell is logged with what the ledger said', async () => {
    world.fault = (call) => (call === 'read' ? 'lost' : undefined);
    expect(await readCredential(world.ctx(), ID)).toEqual({ kind: 'unreachable' });
    const upstream = { service: 'ledger', code: 'ETIMEDOUT' };
    expect(lineOf('ledger-unreachable')).toEqual({
      level: 'error',
      event: 'ledger-unreachable',
      credentialId: ID,
      upstream,
    });
  });

  it('that this version cannot read is logged with its id', async () => {
    world.ledger.rows.set(`credential_${ID}`, { text: '{"later":1}', etag: 'e' });
    expect(await readCredential(world.ctx(), ID)).toEqual({ kind: 'unreachable' });
    expect(lineOf('row-unreadable')).toEqual({ level: 'error', event: 'row-unreadable', credentialId: ID });
  });

  it('is not unknown where the ledger does not say whose a key is', async () => {
    const filter = { apiKeyId: currentKeyIn(world) };
    world.fault = (call) => (call === 'read' ? 'lost' : undefined);
    const command = { authority: OPERATOR, filter, managed: false, limit: 10 };
    expect(await listRows(world.ctx(), SETTINGS.policy, command)).toBeUndefined();
  });
});

describe('a credential that is to be forgotten', () => {
  beforeEach(async () => {
    await revokeIn(world);
    await tickIn(world, HOUR);
    world.pass(400 * DAY);
  });

  it('stays due where the ledger is silent', async () => {
    const row = await stored();
    world.fault = (call) => (call === 'cleanUp' || call === 'commit' ? 'lost' : undefined);
    expect(await prune(world.ctx('reconciler'), row)).toBe(false);
  });

  it('is left to whoever changed it meanwhile', async () => {
    const row = { ...(await stored()), etag: 'of before' };
    expect(await prune(world.ctx('reconciler'), row)).toBe(true);
    expect(rowIn(world)).toBeDefined();
  });
});

it('a recovery ends while there is time for its answer, after five secrets at least', async () => {
  for (let n = 0; n < 9; n++) await vended(world, { key: { kind: 'key', key: `order-${n}x` } });
  world.timeLeft = 60_000;
  const recovered = await recover(world.ctx('operator'), SETTINGS, { validateOnly: true });
  expect(recovered).toMatchObject({ page: { looked: 5, next: expect.any(String) } });
  world.timeLeft = 60_001;
  const whole = await recover(world.ctx('operator'), SETTINGS, { validateOnly: true });
  expect(whole).toMatchObject({ page: { looked: 10 } });
  expect(whole).not.toHaveProperty('page.next');
});

it('a key is looked at where its row says, whatever the tags of its version say', async () => {
  const first = currentKeyIn(world);
  await rotateIn(world);
  await world.settled();
  const row = rowIn(world);
  const { previous: _, ...without } = row;
  world.ledger.rows.set(`credential_${ID}`, { text: JSON.stringify(without), etag: 'e' });
  for (const version of world.vault.versions) version.tags = { ...version.tags, environment: 'env-other' };
  const targets: string[] = [];
  const { confluent, ...ctx } = world.ctx('operator');
  const getKey: typeof confluent.getKey = (target, keyId) => {
    targets.push(`${keyId} in ${target.environmentId}`);
    return confluent.getKey(target, keyId);
  };
  await recover({ ...ctx, confluent: { ...confluent, getKey } }, SETTINGS, { validateOnly: true });
  expect(targets).toEqual([`${first} in ${row.target.environmentId}`]);
});

describe('a sweep that is not decided says what it waits for', () => {
  beforeEach(async () => {
    const { vaultUrl, secretName } = rowIn(world);
    const keyId = world.confluent.add(world, `vend:${ID}.9.aaaaaa`);
    const tags = { 'vend-id': ID, 'vend-attempt': '9', 'vend-nonce': 'aaaaaa', 'vend-key': keyId };
    world.vault.add(world, { vaultUrl, name: secretName, tags });
    world.vault.versions.reverse();
    world.ledger.rows.set(`credential_${ID}`, {
      text: JSON.stringify({ ...rowIn(world), sweepAt: world.now }),
      etag: 'e',
    });
    world.ledger.rows.set(`due_${new Date(world.now).toISOString()}_${ID}`, {
      text: JSON.stringify({ id: ID, at: world.now }),
      etag: 'd',
    });
  });

  it('of Confluent, where a key lives', async () => {
    await tickIn(world, AFTER_DOUBT);
    expect(lineOf('review-undecided')).toMatchObject({ state: 'sweep', upstream: { service: 'arm', status: 200 } });
  });

  it('of Confluent, where it does not answer', async () => {
    world.fault = (call) => (call === 'getKey' ? 'lost' : undefined);
    await tickIn(world, AFTER_DOUBT);
    expect(lineOf('review-undecided')).toMatchObject({
      state: 'sweep',
      upstream: { service: 'arm', code: 'ECONNRESET' },
    });
  });
});

it('a proof that a key is gone is recorded for the keys that the row still names, and for no other', async () => {
  const first = currentKeyIn(world);
  await rotateIn(world);
  await world.settled();
  // The other revoker records both keys, right before this one does.
  world.fault = faultsAt({});
  await Promise.all([revokeIn(world), revokeIn(world)]);
  await world.settled();
  withoutFaults(world);
  const removed = world.audit.flatMap((record) =>
    'removedApiKeyIds' in record ? (record.removedApiKeyIds ?? []) : [],
  );
  expect(removed.filter((keyId) => keyId === first)).toHaveLength(1);
  const recorded = world.audit.filter((record) => 'change' in record && record.change === 'recordRevoked');
  expect(new Set(recorded.map(({ id }) => id)).size).toBe(1);
});
