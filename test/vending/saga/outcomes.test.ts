import { describe, expect, it } from 'vitest';
import { vend } from '../../../src/vending/vend.ts';
import { expectInvariants } from './invariants.ts';
import { failing, stateOf, typeOf } from './steps.ts';
import { ask, askOrCrash, COMMAND, SETTINGS } from './vending.ts';
import { type Fault, World } from './world.ts';

describe('a vend', () => {
  it('mints once, stores the secret and answers with its reference', async () => {
    const world = new World();
    const outcome = await ask(world);
    expect(typeOf(outcome)).toBe('vended');
    expect(world.posts).toHaveLength(1);
    expect(world.versions).toHaveLength(1);
    expect(world.versions[0]?.value).toBe(world.keys[0]?.secret);
    expect(stateOf(world)).toBe('vended');
    expect(world.due.size, 'no due row is left').toBe(0);
    expectInvariants(world, [outcome]);
  });

  it('replays what it vended, marked, without a second POST', async () => {
    const world = new World();
    const first = await ask(world);
    const second = await ask(world);
    expect(second).toEqual({ ...first, replayed: true });
    expect(world.posts).toHaveLength(1);
  });

  it('records the claim and its due row before the POST', async () => {
    const world = failing('mint', 'crash-before');
    await askOrCrash(world);
    expect(stateOf(world)).toBe('minting');
    expect(world.due.size).toBe(1);
    expect(world.calls.indexOf('noteDue')).toBeLessThan(world.calls.indexOf('insert'));
  });

  it('refuses the same key for another request', async () => {
    const world = new World();
    await ask(world);
    expect(typeOf(await ask(world, { name: 'other' }))).toBe('idempotency-key-reused');
    expect(world.posts).toHaveLength(1);
  });

  it('authorizes a replay again', async () => {
    const world = new World();
    await ask(world);
    const outcome = await vend(world.ports(), { ...SETTINGS, policy: { rules: [] } }, COMMAND);
    expect(typeOf(outcome)).toBe('forbidden');
  });

  it('authorizes a replay for the target that was resolved then, not for today’s defaults', async () => {
    const world = new World();
    await ask(world);
    const [rule] = SETTINGS.policy.rules;
    const moved = {
      ...SETTINGS,
      targetDefaults: { ...SETTINGS.targetDefaults, organizationName: 'newOrganization' },
      policy: { rules: rule === undefined ? [] : [{ ...rule, organizations: ['newOrganization'] }] },
    };
    expect(typeOf(await vend(world.ports(), moved, COMMAND))).toBe('forbidden');
  });

  it('touches nothing when policy refuses', async () => {
    const world = new World();
    expect(typeOf(await vend(world.ports(), { ...SETTINGS, policy: { rules: [] } }, COMMAND))).toBe('forbidden');
    expect(world.calls).toEqual([]);
  });
});

describe('what the POST came to', () => {
  it.each<[Fault, string, string]>([
    ['refused', 'upstream-throttled', 'failed'],
    ['lost', 'outcome-unknown', 'unknown'],
    ['unanswered', 'outcome-unknown', 'unknown'],
    ['late', 'outcome-unknown', 'unknown'],
  ])('a POST that was %s is answered %s and recorded as %s', async (fault, problem, state) => {
    const world = failing('mint', fault);
    const outcome = await ask(world);
    expect(typeOf(outcome)).toBe(problem);
    expect(stateOf(world)).toBe(state);
    world.settle();
    expectInvariants(world, [outcome]);
  });

  it('a dropped socket after the mint parks the request and sends no second POST, however often it is asked', async () => {
    const world = failing('mint', 'unanswered');
    const outcomes = [await ask(world), await ask(world), await ask(world)];
    world.now += 86_400_000;
    outcomes.push(await ask(world));
    expect(outcomes.map(typeOf)).toEqual(Array(4).fill('outcome-unknown'));
    expect(world.posts).toHaveLength(1);
    expect(world.due.size, 'the row stays to be looked at').toBe(1);
    expect(JSON.stringify(outcomes[0])).toContain(world.posts[0]?.split(' ').at(-1));
  });

  it('a throttled request is tried again only after the time that was asked for', async () => {
    const world = failing('mint', 'refused');
    await ask(world);
    world.now += 6_999;
    const early = await ask(world);
    expect(early).toMatchObject({ problem: { type: 'upstream-throttled', retryAfterMs: 1 } });
    world.now += 1;
    expect(typeOf(await ask(world))).toBe('vended');
    expect(world.posts.map((post) => post.slice(-2))).toEqual(['.1', '.2']);
  });

  it('a key without a secret is deleted, and the next attempt may vend', async () => {
    const world = new World();
    const asMinted = world.mintAs;
    world.mintAs = (key) => ({ kind: 'no-secret', key, upstream: { service: 'arm', status: 200 } });
    expect(typeOf(await ask(world))).toBe('key-unusable');
    expect(world.keys.map(({ live }) => live)).toEqual([false]);
    expect(world.versions).toEqual([]);
    world.mintAs = asMinted;
    expect(typeOf(await ask(world))).toBe('vended');
    expect([...world.rows.values()][0]?.intent.earlierKeys).toEqual([world.keys[0]?.record.id]);
  });

  it('a key of an owner that policy does not allow is deleted, for good', async () => {
    const world = new World();
    world.owner = 'u-12345';
    expect(typeOf(await ask(world))).toBe('owner-not-allowed');
    expect(world.keys.map(({ live }) => live)).toEqual([false]);
    world.owner = 'sa-wwn7mm';
    expect(typeOf(await ask(world))).toBe('owner-not-allowed');
    expect(world.posts).toHaveLength(1);
  });

  it('no POST is sent when the lease would not outlive it', async () => {
    const world = new World();
    world.turn = async (call) => {
      if (call === 'insert') world.now += 100_000;
    };
    expect(typeOf(await ask(world))).toBe('out-of-time');
    expect(world.posts).toEqual([]);
    expect(stateOf(world)).toBe('failed');
  });
});

describe('the claim', () => {
  it.each<[Fault, string, number]>([
    ['lost', 'ledger-unavailable', 0],
    ['late', 'ledger-unavailable', 0],
    ['unanswered', 'vended', 1],
    ['retried', 'vended', 1],
  ])('with its answer %s, ends in %s', async (fault, type, posts) => {
    const world = failing('insert', fault);
    const outcome = await ask(world);
    expect(typeOf(outcome)).toBe(type);
    expect(world.posts).toHaveLength(posts);
    world.settle();
    expectInvariants(world, [outcome]);
  });

  it('held by another worker answers in-progress with a time to come back', async () => {
    const world = failing('mint', 'crash-before');
    await askOrCrash(world);
    expect(await ask(world)).toMatchObject({ problem: { type: 'request-in-progress', retryAfterMs: 2_000 } });
  });
});

describe('the ledger failing after the mint', () => {
  it.each<[Fault, string]>([
    ['lost', 'vended'],
    ['unanswered', 'vended'],
    ['retried', 'vended'],
    ['crash-before', 'nobody'],
    ['crash-after', 'nobody'],
  ])('record minted(key) %s: answers %s', async (fault, type) => {
    const world = failing('replace', fault, 1);
    const outcome = await askOrCrash(world);
    expect(outcome === undefined ? 'nobody' : typeOf(outcome)).toBe(type);
    expectInvariants(world, outcome === undefined ? [] : [outcome]);
  });

  it('a silent ledger after the store gets neither a delete nor a "vended" answer', async () => {
    const world = new World();
    let stored = false;
    world.fault = (call) => {
      stored ||= call === 'store';
      return stored && (call === 'replace' || call === 'read') ? 'lost' : undefined;
    };
    const outcome = await ask(world);
    expect(typeOf(outcome)).toBe('not-yet-confirmed');
    expect(world.calls).not.toContain('deleteKey');
    expect(world.versions[0]?.enabled).toBe(true);
    expectInvariants(world, [outcome]);
  });
});

describe('the store', () => {
  it('refused: the key is deleted, 503, and the same idempotency key vends once the vault is back', async () => {
    const world = failing('store', 'refused');
    expect(typeOf(await ask(world))).toBe('vault-unavailable');
    expect(world.keys.map(({ live }) => live)).toEqual([false]);
    expect(stateOf(world)).toBe('failed');
    expect(world.due.size, 'late versions will be swept').toBe(1);
    expect(typeOf(await ask(world))).toBe('vended');
  });

  it('unanswered but done: the vault’s own list decides, and it is vended', async () => {
    const world = failing('store', 'unanswered');
    expect(typeOf(await ask(world))).toBe('vended');
  });

  it.each<Fault>(['lost', 'late'])('%s and not to be seen: nothing is deleted, the row waits', async (fault) => {
    const world = failing('store', fault);
    const outcome = await ask(world);
    expect(typeOf(outcome)).toBe('not-yet-confirmed');
    expect(stateOf(world)).toBe('minted');
    expect(world.calls).not.toContain('deleteKey');
    expect(world.due.size).toBe(1);
    world.settle();
    expectInvariants(world, [outcome]);
  });

  it('is not begun when the lease would not outlive it: the key is given up', async () => {
    const world = new World();
    world.turn = async (call) => {
      if (call === 'mint') world.now += 115_000;
    };
    expect(typeOf(await ask(world))).toBe('out-of-time');
    expect(world.versions).toEqual([]);
    expect(world.keys.map(({ live }) => live)).toEqual([false]);
  });
});

describe('compensation', () => {
  it('that cannot finish leaves the key named in the row, and the next request takes it up', async () => {
    const world = failing('store', 'refused');
    const storeFault = world.fault;
    world.fault = (call) => (call === 'deleteKey' ? 'lost' : storeFault(call));
    await ask(world);
    expect(stateOf(world)).toBe('compensating');
    world.fault = () => undefined;
    expect(typeOf(await ask(world))).toBe('vended');
    expect(world.keys.map(({ live }) => live)).toEqual([false, true]);
  });

  it('does not take a 404 in the first minute for proof', async () => {
    const world = failing('store', 'refused');
    const storeFault = world.fault;
    world.fault = (call) => (call === 'deleteKey' ? 'unanswered' : storeFault(call));
    await ask(world);
    world.fault = () => undefined;
    expect(typeOf(await ask(world))).toBe('request-in-progress');
    expect(stateOf(world)).toBe('compensating');
    world.now += 60_000;
    expect(typeOf(await ask(world))).toBe('vended');
  });

  it('with the delete refused while the key lives ends in unknown, with the key named', async () => {
    const world = failing('store', 'refused');
    const storeFault = world.fault;
    world.fault = (call) => (call === 'deleteKey' ? 'refused' : storeFault(call));
    await ask(world);
    const [row] = world.rows.values();
    expect(row?.intent.state).toMatchObject({ kind: 'unknown', keyId: world.keys[0]?.record.id });
    expect(world.calls.filter((call) => call === 'deleteKey')).toHaveLength(3);
  });
});

describe('preflight', () => {
  it('a vault that takes no writes stops the vend before the claim', async () => {
    const world = new World();
    world.writable = false;
    expect(typeOf(await ask(world))).toBe('vault-unavailable');
    expect(world.posts).toEqual([]);
    expect(world.rows.size).toBe(0);
  });

  it.each([
    ['soft-deleted', 'secret-name-soft-deleted'],
    ['in use by a stranger', 'secret-name-taken'],
    ['claimed by another request', 'secret-name-taken'],
  ])('a chosen name that is %s is refused as %s', async (how, problem) => {
    const world = new World();
    if (how === 'soft-deleted') world.softDeleted.add('orders-key');
    else if (how === 'in use by a stranger')
      world.versions.push({ name: 'orders-key', version: 'v0', value: 'x', tags: {}, enabled: true });
    else world.names.set('https://v.vault.azure.net orders-key', 'another');
    expect(typeOf(await ask(world, { secretName: 'orders-key' }))).toBe(problem);
    expect(world.posts).toEqual([]);
  });

  it('a chosen name is claimed before the mint and outside policy’s prefix refused', async () => {
    const world = new World();
    expect(typeOf(await ask(world, { secretName: 'payments-key' }))).toBe('invalid-request');
    expect(typeOf(await ask(world, { secretName: 'orders-Key' }))).toBe('vended');
    expect([...world.names.keys()]).toEqual(['https://v.vault.azure.net orders-key']);
    expect(world.versions[0]?.name).toBe('orders-Key');
  });
});
