import { beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingEvent } from '../../../src/vending/events/outgoing-schema.ts';
import type { EventPublisher } from '../../../src/vending/ports/event-publisher.ts';
import { reconcile } from '../../../src/vending/reconcile/reconcile.ts';
import { revoke } from '../../../src/vending/revoke.ts';
import { rotate } from '../../../src/vending/rotate.ts';
import type { SagaPorts } from '../../../src/vending/saga/ports.ts';
import { vend } from '../../../src/vending/vend.ts';
import { expectReadable, HOUR, intentIn, kindIn, liveIn, OWN, rotationIn, vendedOf } from '../lifecycle.ts';
import { AFTER_LEASE, failing, faultsAt } from '../saga/steps.ts';
import { BOUNDS, COMMAND, orCrash, SETTINGS } from '../saga/vending.ts';
import { World } from '../saga/world.ts';

const DAY = 24 * HOUR;
const [RULE] = SETTINGS.policy.rules;
const MONTHLY = { ...SETTINGS, policy: { rules: RULE === undefined ? [] : [{ ...RULE, rotateEvery: 'P30D' }] } };

let world: World;
let told: OutgoingEvent[];
let takes: boolean;
beforeEach(() => {
  world = new World();
  told = [];
  takes = false;
});

const events: EventPublisher = {
  publish: async (event) => {
    if (!takes) return { kind: 'not-published', upstream: { service: 'events', status: 503 } };
    told.push(event);
    return { kind: 'published' };
  },
};
const ports = (actor = 'worker'): SagaPorts => ({ ...world.ports(actor), events });
const tick = () => reconcile(ports('reconciler'), BOUNDS);
const typesTold = (): (string | undefined)[] => told.map(({ type }) => type.split('apikey.')[1]);

describe('a topic that takes nothing', () => {
  it('does not keep the old key of a rotation that was cut short alive', async () => {
    const old = vendedOf(await vend(ports(), SETTINGS, COMMAND));
    world.fault = faultsAt({ replace: { 3: 'crash-before' } });
    await orCrash(() => rotate(ports(), SETTINGS, { authority: OWN, requestId: old.id }));
    world.fault = () => undefined;
    expect([kindIn(world, old.id), rotationIn(world, old)?.state.kind]).toEqual(['vended', 'vended']);
    for (const pause of [AFTER_LEASE, 26 * HOUR]) {
      world.now += pause;
      await tick();
    }
    expect(liveIn(world)).toHaveLength(1);
    expectReadable(world);
    takes = true;
    await tick();
    world.now += AFTER_LEASE;
    await tick();
    expect(typesTold()).toHaveLength(3);
    expect(new Set(typesTold())).toEqual(new Set(['revoked.v1', 'rotated.v1', 'vended.v1']));
  });

  it.each([
    ['by its worker', {}],
    ['by the reconciler', { store: { 1: 'crash-after' } }],
  ] as const)('hears later of what was vended %s', async (_, faults) => {
    world.fault = faultsAt(faults);
    await orCrash(() => vend(ports(), SETTINGS, COMMAND));
    world.fault = () => undefined;
    world.now += AFTER_LEASE;
    await tick();
    takes = true;
    await tick();
    expect(typesTold()).toEqual(['vended.v1']);
    expect(world.due.size).toBe(0);
  });

  it('does not stop the schedule', async () => {
    await vend(ports(), MONTHLY, COMMAND);
    world.now += 30 * DAY + 1;
    await tick();
    expect(world.rotationsAsked).toHaveLength(1);
    takes = true;
    await tick();
    expect(typesTold()).toEqual(['vended.v1']);
  });

  it('does not stop the sweep of a version that landed late, nor is anything forgotten before it is told', async () => {
    const { id } = vendedOf(await vend(ports(), SETTINGS, COMMAND));
    await revoke(ports(), { authority: OWN, requestId: id });
    const [stored] = world.versions;
    if (stored !== undefined) world.versions.push({ ...stored, version: 'late', enabled: true });
    world.now += AFTER_LEASE;
    await tick();
    expect(world.versions.map(({ enabled }) => enabled)).toEqual([false, false]);
    for (let months = 0; months < 3; months++) {
      world.now += 31 * DAY;
      await tick();
    }
    expect(intentIn(world, id)?.outbox).toHaveLength(2);
    takes = true;
    await tick();
    expect(typesTold()).toEqual(['vended.v1', 'revoked.v1']);
    expect(kindIn(world, id)).toBeUndefined();
  });

  it.each([
    ['unknown', 'unanswered', 'orphaned.v1'],
    ['failed', 'refused', 'failed.v1'],
  ] as const)('keeps what is %s from being put away, and it is told when it can be', async (_, fault, type) => {
    world = failing('mint', fault);
    await vend(ports(), SETTINGS, COMMAND);
    for (let months = 0; months < 3; months++) {
      world.now += 31 * DAY;
      await tick();
    }
    takes = true;
    await tick();
    expect(typesTold()).toEqual([type]);
  });

  it('is asked once in a run', async () => {
    for (let number = 0; number < 20; number++)
      await vend(ports(), SETTINGS, { ...COMMAND, key: { kind: 'key', key: `order-${number}` } });
    world.now += AFTER_LEASE;
    world.logs = [];
    await tick();
    expect(world.logs.filter(({ event }) => event === 'event-not-published').length).toBeLessThanOrEqual(
      BOUNDS.concurrency,
    );
  });
});
