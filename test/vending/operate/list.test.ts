import { beforeEach, expect, it } from 'vitest';
import { type IntentStateKind, PARKED_AT } from '../../../src/vending/intent.ts';
import { listIntents } from '../../../src/vending/operate/list.ts';
import { MALFORMED_ROW } from '../../../src/vending/ports/ledger.ts';
import { noneOpen, tellOpen } from '../../../src/vending/reconcile/open-intents.ts';
import type { SagaPorts } from '../../../src/vending/saga/ports.ts';
import { vend } from '../../../src/vending/vend.ts';
import { AFTER_LEASE, refuseMints, tick } from '../saga/steps.ts';
import { COMMAND, SETTINGS } from '../saga/vending.ts';
import { World } from '../saga/world.ts';

const LIMIT = 5;

let world: World;
beforeEach(() => {
  world = new World();
});

const askAs = (key: string) => vend(world.ports(), SETTINGS, { ...COMMAND, key: { kind: 'key', key } });

async function unanswered(key: string): Promise<string> {
  world.fault = (call) => (call === 'mint' ? 'unanswered' : undefined);
  const { requestId } = (await askAs(key)) as { requestId: string };
  world.fault = () => undefined;
  return requestId;
}

async function refused(count: number): Promise<void> {
  const { mintAs } = world;
  refuseMints(world);
  for (let n = 0; n < count; n++) await askAs(`refused-${n}`);
  world.mintAs = mintAs;
}

async function listed(state: IntentStateKind): Promise<{ ids: ReadonlySet<string>; pages: number }> {
  const ids: string[] = [];
  let pages = 0;
  for (let cursor: string | undefined; pages === 0 || cursor !== undefined; pages++) {
    const page = await listIntents(world.ports(), { state, limit: LIMIT, cursor });
    if (page === undefined) throw new Error('The ledger is silent.');
    ids.push(...page.intents.map(({ requestId }) => requestId));
    cursor = page.next;
  }
  expect(new Set(ids).size, 'each once').toBe(ids.length);
  return { ids: new Set(ids), pages };
}

it('what is unknown is on the first page, parked or not, however many failures are remembered', async () => {
  const parked = await unanswered('parked');
  world.now += AFTER_LEASE;
  await tick(world);
  await refused(5 * LIMIT);
  for (let n = 0; n < 2; n++) {
    world.now += AFTER_LEASE;
    await tick(world);
  }
  const page = await listIntents(world.ports(), { state: 'unknown', limit: LIMIT });
  expect(page).toMatchObject({ intents: [{ requestId: parked }] });
  expect(page).not.toHaveProperty('next');
  const fresh = await unanswered('fresh');
  expect((await listed('unknown')).ids).toEqual(new Set([fresh, parked]));
});

it('shows each of many once, page by page', async () => {
  const parked: string[] = [];
  for (let n = 0; n < 2 * LIMIT + 1; n++) parked.push(await unanswered(`parked-${n}`));
  world.now += AFTER_LEASE;
  await tick(world);
  const fresh: string[] = [];
  for (let n = 0; n < LIMIT; n++) fresh.push(await unanswered(`fresh-${n}`));
  expect(await listed('unknown')).toEqual({ ids: new Set([...parked, ...fresh]), pages: 4 });
});

it('looks past what is in other states', async () => {
  await refused(4 * LIMIT);
  world.now += AFTER_LEASE;
  world.fault = (call) => (call === 'mint' ? 'crash-before' : undefined);
  await askAs('crashed').catch(() => undefined);
  const page = await listIntents(world.ports(), { state: 'minting', limit: LIMIT });
  expect(page?.intents).toHaveLength(1);
});

it('gives up after a thousand due rows, and says where it was', async () => {
  const at = new Date(world.now);
  for (let n = 0; n < 30 * LIMIT; n++) {
    const intentId = `gone${n}`.padEnd(26, 'a');
    world.due.set(`${at.toISOString()}_${intentId}`, { intentId, at });
  }
  const page = await listIntents(world.ports(), { state: 'failed', limit: LIMIT });
  expect(page).toEqual({ intents: [], next: expect.any(String) });
});

it('says nothing where the ledger is silent', async () => {
  await unanswered('one');
  world.fault = (call) => (call === 'read' ? 'lost' : undefined);
  expect(await listIntents(world.ports(), { state: 'unknown', limit: LIMIT })).toBeUndefined();
});

it('neither the list nor the hourly count is blind for a row of another version', async () => {
  const parked = await unanswered('parked');
  world.now += AFTER_LEASE;
  await tick(world);
  const later = 'z'.repeat(26);
  for (const at of [new Date(world.now), new Date(PARKED_AT)])
    world.due.set(`${at.toISOString()}_${later}`, { intentId: later, at });
  const ports = world.ports('reconciler');
  const upstream = { service: 'ledger', code: MALFORMED_ROW } as const;
  const read: SagaPorts['ledger']['read'] = async (id) =>
    id === later ? { kind: 'unreachable', upstream } : ports.ledger.read(id);
  const reading = { ...ports, ledger: { ...ports.ledger, read } };
  const page = await listIntents(reading, { state: 'unknown', limit: LIMIT });
  expect(page?.intents.map(({ requestId }) => requestId)).toEqual([parked]);
  expect(await tellOpen(reading, noneOpen())).toBe(true);
  expect(world.logs.at(-1)).toMatchObject({ event: 'open-intents', counts: { unknown: 1 } });
});
