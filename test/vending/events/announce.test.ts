import { beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingEvent } from '../../../src/vending/events/outgoing-schema.ts';
import { resolveUnknown } from '../../../src/vending/operate/resolve.ts';
import type { EventPublisher } from '../../../src/vending/ports/event-publisher.ts';
import { reconcile } from '../../../src/vending/reconcile/reconcile.ts';
import { revoke } from '../../../src/vending/revoke.ts';
import { rotate } from '../../../src/vending/rotate.ts';
import type { SagaPorts } from '../../../src/vending/saga/ports.ts';
import { vend } from '../../../src/vending/vend.ts';
import { HOUR, intentIn, OWN, vendedOf } from '../lifecycle.ts';
import { AFTER_LEASE, faultsAt, heldAt } from '../saga/steps.ts';
import { BOUNDS, COMMAND, SETTINGS } from '../saga/vending.ts';
import { World } from '../saga/world.ts';

let world: World;
let told: OutgoingEvent[];
let tries: number;
let takes: boolean;
beforeEach(() => {
  world = new World();
  [told, tries, takes] = [[], 0, true];
});

const events: EventPublisher = {
  publish: async (event) => {
    tries++;
    if (takes) told.push(event);
    return takes ? { kind: 'published' } : { kind: 'not-published', upstream: { service: 'events', status: 503 } };
  },
};
const ports = (actor?: string): SagaPorts => ({ ...world.ports(actor), events });
const ask = () => vend(ports(), SETTINGS, COMMAND);
const tick = () => reconcile(ports('reconciler'), BOUNDS);
const types = (): string[] => told.map(({ type }) => type.replace('confluent-key-vending.apikey.', ''));
const ids = (): string[] => told.map(({ id }) => id);

describe('what is told', () => {
  it('is a vend, with its reference and without its secret', async () => {
    const { id, state } = vendedOf(await ask());
    expect(types()).toEqual(['vended.v1']);
    expect(told[0]).toMatchObject({ subject: id, data: { apiKeyId: state.key.id, secretId: state.secret.id } });
    expect(JSON.stringify(told)).not.toContain(world.keys[0]?.secret);
    expect(intentIn(world, id)).not.toHaveProperty('outbox');
    expect(world.due.size).toBe(0);
  });

  it('is a rotation, not a second vend, with the time at which the old key goes; then its end', async () => {
    const old = vendedOf(await ask());
    vendedOf(await rotate(ports(), SETTINGS, { authority: OWN, requestId: old.id }));
    expect(types()).toEqual(['vended.v1', 'rotated.v1']);
    expect(told[1]?.data).toMatchObject({
      supersedes: old.id,
      revokeAt: new Date(world.now + 25 * HOUR).toISOString(),
    });
    world.now += 25 * HOUR + 1;
    await tick();
    expect(types()).toEqual(['vended.v1', 'rotated.v1', 'revoked.v1']);
    expect(told[2]?.data).toMatchObject({ apiKeyId: old.state.key.id });
  });

  it('is an orphan with its marker, and how that ended', async () => {
    world.fault = faultsAt({ mint: { 1: 'lost' } });
    const outcome = await ask();
    const intentId = outcome.kind === 'problem' ? outcome.requestId : '';
    expect(types()).toEqual(['orphaned.v1']);
    expect(told[0]?.data).toMatchObject({ marker: `vend:${intentId}.1` });
    world.now += AFTER_LEASE;
    await resolveUnknown(ports('operator:o'), { intentId, apiKeyId: null });
    expect(types()).toEqual(['orphaned.v1', 'failed.v1']);
  });

  it('is a revocation', async () => {
    const { id } = vendedOf(await ask());
    await revoke(ports(), { authority: OWN, requestId: id });
    world.now += 61_000;
    await tick();
    expect(types()).toEqual(['vended.v1', 'revoked.v1']);
  });

  it('is nothing where nobody is to be told', async () => {
    const { id } = vendedOf(await vend(world.ports(), SETTINGS, COMMAND));
    expect(intentIn(world, id)).not.toHaveProperty('outbox');
  });
});

describe('an event that is not taken', () => {
  it('holds up no answer, waits in the row, and is told by the reconciler, once', async () => {
    takes = false;
    const { id } = vendedOf(await ask());
    expect(intentIn(world, id)?.outbox).toHaveLength(1);
    world.now += AFTER_LEASE;
    await tick();
    expect(told).toEqual([]);
    takes = true;
    await tick();
    await tick();
    expect(types()).toEqual(['vended.v1']);
    expect(world.due.size).toBe(0);
  });

  it('is told in its turn where more has happened meanwhile', async () => {
    takes = false;
    const { id } = vendedOf(await ask());
    await revoke(ports(), { authority: OWN, requestId: id });
    world.now += 120_000;
    await tick();
    expect(intentIn(world, id)?.state.kind).toBe('revoked');
    takes = true;
    world.now += AFTER_LEASE;
    await tick();
    expect(types()).toEqual(['vended.v1', 'revoked.v1']);
  });

  it('that was told and could not be struck out is told again under the same id', async () => {
    world.fault = faultsAt({ replace: { 3: 'lost' } });
    vendedOf(await ask());
    world.fault = () => undefined;
    world.now += AFTER_LEASE;
    await tick();
    expect(types()).toEqual(['vended.v1', 'vended.v1']);
    expect(new Set(ids()).size).toBe(1);
  });

  it('does not keep the reconciler from what is open, and is tried once in a run', async () => {
    takes = false;
    for (let requests = 0; requests < 5; requests++)
      vendedOf(await vend(ports(), SETTINGS, { ...COMMAND, key: { kind: 'key', key: `k${requests}` } }));
    world.fault = faultsAt({ store: { 1: 'crash-after' } });
    await ask().catch(() => undefined);
    world.fault = () => undefined;
    world.now += AFTER_LEASE;
    tries = 0;
    await reconcile(ports('reconciler'), { batch: 1, concurrency: 1 });
    expect([...world.rows.values()].map(({ intent }) => intent.state.kind)).toEqual(Array(6).fill('vended'));
    expect(tries).toBeLessThanOrEqual(2);
  });

  it('of an earlier failure is not told while a worker is at the next attempt: that would overtake it', async () => {
    takes = false;
    world.fault = faultsAt({ mint: { 1: 'refused' } });
    await ask();
    world.fault = () => undefined;
    world.now += AFTER_LEASE;
    const go = await heldAt(world, 'mint', 1, ask);
    world.turn = async () => undefined;
    takes = true;
    await tick();
    expect(vendedOf(await go()).attempt).toBe(2);
    expect(types()).toEqual(['failed.v1', 'vended.v1']);
  });

  it('of an earlier failure that is told and cannot be struck out does not cost the next attempt its key', async () => {
    takes = false;
    world.fault = faultsAt({ mint: { 1: 'refused' } });
    await ask();
    world.now += AFTER_LEASE;
    takes = true;
    // The claim is the first write of the next attempt; a strike-out would be the second.
    world.fault = faultsAt({ replace: { 2: 'unanswered' } });
    vendedOf(await ask());
    expect(world.keys.filter(({ live }) => live)).toHaveLength(1);
  });

  it('does not hold up a revocation: the key goes first', async () => {
    takes = false;
    const { id } = vendedOf(await ask());
    tries = 0;
    const triesAt: number[] = [];
    world.turn = async (call) => void (call === 'deleteKey' && triesAt.push(tries));
    await revoke(ports(), { authority: OWN, requestId: id });
    expect(triesAt).toEqual([0]);
  });

  it('is forgotten where the topic was taken away', async () => {
    takes = false;
    vendedOf(await ask());
    world.now += AFTER_LEASE;
    await reconcile(world.ports('reconciler'), BOUNDS);
    expect(world.due.size).toBe(0);
  });
});
