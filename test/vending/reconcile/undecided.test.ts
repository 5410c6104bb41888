import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MALFORMED_ROW } from '../../../src/vending/ports/ledger.ts';
import { reconcile } from '../../../src/vending/reconcile/reconcile.ts';
import type { SagaPorts } from '../../../src/vending/saga/ports.ts';
import { vend } from '../../../src/vending/vend.ts';
import { HOUR, kindIn, rotateIn, vendedOf } from '../lifecycle.ts';
import { AFTER_LEASE, failing, faultsAt, stateOf, tick } from '../saga/steps.ts';
import { ask, askOrCrash, COMMAND, SETTINGS } from '../saga/vending.ts';
import { World } from '../saga/world.ts';

const BOUNDS = { batch: 5, concurrency: 2 };
const MINUTE = 60_000;

let world: World;
beforeEach(() => {
  world = new World();
});

/** A key whose overlap is over in a day. @returns the request that it was vended for. */
async function rotated(key: string, organizationName = 'myOrganization', settings = SETTINGS): Promise<string> {
  const request = { ...COMMAND.request, organizationName };
  const asked = vendedOf(await vend(world.ports(), settings, { ...COMMAND, key: { kind: 'key', key }, request }));
  vendedOf(await rotateIn(world, asked.id));
  world.now += 1;
  return asked.id;
}

/** Confluent answers 403 to all that is asked of one organization. */
function lost(ports: SagaPorts): SagaPorts {
  const { confluent } = ports;
  const forbidden = { kind: 'forbidden', upstream: { service: 'arm', status: 403 } } as const;
  return {
    ...ports,
    confluent: {
      ...confluent,
      deleteKey: async (target, id) =>
        target.organizationName === 'lost' ? forbidden : confluent.deleteKey(target, id),
      getKey: async (target, id) => (target.organizationName === 'lost' ? forbidden : confluent.getKey(target, id)),
    },
  };
}

describe('keys of which Confluent proves nothing', () => {
  it('take nobody’s place in the batch', async () => {
    const gone = [];
    for (let n = 0; n < 3 * BOUNDS.batch; n++) gone.push(await rotated(`gone-${n}`, 'lost'));
    const other = await rotated('other');
    world.now += 26 * HOUR;
    await reconcile(lost(world.ports('reconciler')), BOUNDS);
    expect(kindIn(world, other)).toBe('revoked');
    expect(new Set(gone.map((id) => kindIn(world, id)))).toEqual(new Set(['revoking']));
  });

  it('are asked about ever less, told each time, and deleted once they can be', async () => {
    const id = await rotated('gone', 'lost');
    world.now += 26 * HOUR;
    const ports = lost(world.ports('reconciler'));
    world.calls = [];
    for (let minute = 0; minute < 48 * 60; minute++, world.now += MINUTE) await reconcile(ports, BOUNDS);
    expect(world.calls.filter((call) => call === 'findVersions').length).toBeLessThan(100);
    expect(world.logs.filter(({ event }) => event === 'left-undecided').length).toBeGreaterThan(40);
    for (let minute = 0; minute <= 60; minute++, world.now += MINUTE) await tick(world);
    expect(kindIn(world, id)).toBe('revoked');
  });

  it('that were never vended are put off the same way', async () => {
    world.mintAs = (key) => ({ kind: 'no-secret', key, upstream: { service: 'arm', status: 200 } });
    world.fault = (call) => (call === 'deleteKey' || call === 'getKey' ? 'refused' : undefined);
    await ask(world);
    world.now += AFTER_LEASE;
    for (let minute = 0; minute < 24 * 60; minute++, world.now += MINUTE) await tick(world);
    expect(stateOf(world)).toBe('compensating');
    expect(world.calls.filter((call) => call === 'deleteKey').length).toBeLessThan(60);
    world.fault = () => undefined;
    for (let minute = 0; minute <= 60; minute++, world.now += MINUTE) await tick(world);
    expect(stateOf(world)).toBe('failed');
  });
});

it('a failure in a vault that is gone is swept ever less often', async () => {
  world.fault = (call) => (call === 'store' ? 'refused' : undefined);
  await ask(world);
  world.now += AFTER_LEASE;
  world.fault = (call) => (call === 'findVersions' ? 'lost' : undefined);
  world.calls = [];
  for (let minute = 0; minute < 24 * 60; minute++, world.now += MINUTE) await tick(world);
  expect(world.calls.filter((call) => call === 'findVersions').length).toBeLessThan(60);
  expect(world.due.size).toBe(1);
});

it('rows that this version cannot read take nobody’s place either, and are told', async () => {
  world = failing('mint', 'crash-before');
  for (let n = 0; n < 3 * BOUNDS.batch; n++) {
    const due = { intentId: `new-${n}`, at: new Date(world.now + n) };
    world.due.set(`${due.at.toISOString()}_${due.intentId}`, due);
  }
  await askOrCrash(world);
  world.pass(AFTER_LEASE);
  const ports = world.ports('reconciler');
  const upstream = { service: 'ledger', code: MALFORMED_ROW } as const;
  const read: SagaPorts['ledger']['read'] = async (id) =>
    id.startsWith('new-') ? { kind: 'unreachable', upstream } : ports.ledger.read(id);
  await reconcile({ ...ports, ledger: { ...ports.ledger, read } }, BOUNDS);
  expect(stateOf(world)).toBe('unknown');
  expect(world.logs.filter(({ event }) => event === 'due-row-unreadable')).toHaveLength(3 * BOUNDS.batch);
});

it('a ledger that answers nothing is not asked for more than the batch', async () => {
  for (let n = 0; n < 3 * BOUNDS.batch; n++) await rotated(`k-${n}`);
  world.now += 26 * HOUR;
  world.fault = (call) => (call === 'read' ? 'lost' : undefined);
  world.calls = [];
  await reconcile(world.ports('reconciler'), BOUNDS);
  expect(world.calls.filter((call) => call === 'read')).toHaveLength(BOUNDS.batch);
});

it('a run ends before the host ends the process, however long each key takes', async () => {
  for (let n = 0; n < 100; n++) await rotated(`k-${n}`);
  world.now += 26 * HOUR;
  vi.useFakeTimers({ now: world.now });
  try {
    const ports = world.ports('reconciler');
    const deleteKey: SagaPorts['confluent']['deleteKey'] = async () => {
      await new Promise((resolve) => setTimeout(resolve, 15_000));
      return { kind: 'unclear', upstream: { service: 'arm' } };
    };
    const clock = { ...ports.clock, now: () => Date.now() };
    const run = reconcile(
      { ...ports, clock, confluent: { ...ports.confluent, deleteKey } },
      { batch: 200, concurrency: 4 },
    );
    const ended = run.then(() => (Date.now() - world.now) / 1_000);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(await Promise.race([ended, 'never'])).toBeLessThanOrEqual(150);
  } finally {
    vi.useRealTimers();
  }
});

it('a bus that takes nothing is waited for once in a run, and holds up nothing else', async () => {
  const [rule] = SETTINGS.policy.rules;
  const monthly = { ...SETTINGS, policy: { rules: rule === undefined ? [] : [{ ...rule, rotateEvery: 'P30D' }] } };
  for (let n = 0; n < 3 * BOUNDS.batch; n++) {
    await vend(world.ports(), monthly, { ...COMMAND, key: { kind: 'key', key: `monthly-${n}` } });
  }
  world.fault = (call) => (call === 'mint' ? 'unanswered' : undefined);
  const parked = await vend(world.ports(), SETTINGS, { ...COMMAND, key: { kind: 'key', key: 'unknown' } });
  world.now += 31 * 24 * HOUR;
  world.fault = (call) => (call === 'requestRotation' ? 'lost' : undefined);
  world.calls = [];
  await reconcile(world.ports('reconciler'), BOUNDS);
  expect(parked.kind).toBe('problem');
  expect(world.calls.filter((call) => call === 'requestRotation').length).toBeLessThanOrEqual(BOUNDS.concurrency);
  world.fault = () => undefined;
  await reconcile(world.ports('reconciler'), { ...BOUNDS, batch: 100 });
  expect(world.rotationsAsked).toHaveLength(3 * BOUNDS.batch);
});

it('one silent look after the reconciler itself was away does not keep a stored key from its caller for an hour', async () => {
  world = failing('store', 'crash-after');
  await askOrCrash(world);
  world.now += 3 * HOUR;
  world.fault = faultsAt({ findVersions: { 1: 'lost' } });
  for (let minute = 0; minute < 10; minute++, world.now += MINUTE) await tick(world);
  expect(stateOf(world)).toBe('vended');
});
