import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLedger } from '../../../src/azure/ledger/ledger.ts';
import { rowOf } from '../../../src/vending/model/rows.ts';
import type { Ledger } from '../../../src/vending/ports/ledger.ts';
import { credentialOf, etagOf, startTableWorld, type TableWorld } from '../../azure/ledger/emulated-table.ts';
import { loopbackClient, tokenCredential } from '../../azure/loopback-client.ts';
import { DEFAULT_TIMINGS } from '../../vending/world/timings.ts';
import { type BenchTable, startBenchTable } from './table.ts';

let world: TableWorld;
let table: BenchTable;
beforeAll(async () => {
  [world, table] = await Promise.all([startTableWorld(), startBenchTable()]);
});
afterAll(async () => {
  await Promise.all([world.emulator.close(), table.close()]);
});

const openBench = (): Ledger =>
  createLedger({
    endpoint: 'https://ledger.table.core.windows.net',
    table: 'credentials',
    credential: tokenCredential('function'),
    httpClient: loopbackClient(table.port, table.caPem),
    timings: DEFAULT_TIMINGS,
  });

const due = (id: string, at: number) => rowOf('due', { id, at });

/** Asks a ledger for everything that the saga may ask. ETags are left out, because they differ. */
async function exercise(ledger: Ledger): Promise<unknown[]> {
  const seen: unknown[] = [];
  const note = (outcome: object): void =>
    void seen.push({ ...outcome, etag: 'etag' in outcome && outcome.etag !== '' });
  const insert = { action: 'insert', value: credentialOf('a') } as const;
  const first = await ledger.commit({ credential: insert, insert: [due('a', 3)], put: [due('b', 1), due('c', 2)] });
  note(first);
  note(await ledger.commit({ credential: insert }));
  const replace = (etag: string) => ({ action: 'replace', value: credentialOf('a', { sequence: 2 }), etag }) as const;
  note(await ledger.commit({ credential: replace(etagOf(first)), insert: [due('a', 3)] }));
  const missing = ['due_missing', due('b', 1).key];
  const second = await ledger.commit({ credential: replace(etagOf(first)), put: [due('c', 2)], remove: missing });
  note(second);
  note(await ledger.commit({ credential: replace(etagOf(first)) }));
  note(await ledger.commit({ credential: { ...replace(etagOf(first)), value: credentialOf('nobody') } }));
  note(await ledger.read('credential', 'a'));
  note(await ledger.read('credential', 'nobody'));
  for (const limit of [1, 2, 1_000]) note(await ledger.list({ kind: 'due', limit }));
  note(await ledger.list({ kind: 'due', limit: 1, from: due('a', 3).key.slice('due_'.length) }));
  note(await ledger.list({ kind: 'name', limit: 1 }));
  note(await ledger.listDue({ kind: 'due', before: 3, limit: 5 }));
  note(await ledger.commit({ credential: { action: 'remove', id: 'a', etag: etagOf(first) } }));
  note(await ledger.commit({ credential: { action: 'remove', id: 'a', etag: etagOf(second) } }));
  note(await ledger.commit({ credential: { action: 'remove', id: 'a', etag: etagOf(second) } }));
  note(await ledger.commit({ remove: [due('a', 3).key, due('c', 2).key] }));
  note(await ledger.list({ kind: 'due', limit: 5 }));
  return seen;
}

it('answers the ledger as Azurite does', async () => {
  const ours = await exercise(openBench());
  expect(ours).toEqual(await exercise(world.open()));
  expect(ours).toHaveLength(19);
  expect(ours).not.toContainEqual(expect.objectContaining({ kind: 'unreachable' }));
});

it('lists planted rows in order, page by page', async () => {
  const keys = Array.from({ length: 2_500 }, (_, at) => due(`planted-${at}`, at));
  table.plant(keys.toReversed().map(({ key, value }) => [key, JSON.stringify({ document: JSON.stringify(value) })]));
  const listed = await openBench().list({ kind: 'due', limit: 2_400 });
  expect(listed).toMatchObject({ kind: 'listed', unreadable: [], next: expect.stringContaining('planted-2400') });
  expect('rows' in listed && listed.rows.map(({ key }) => key)).toEqual(keys.slice(0, 2_400).map(({ key }) => key));
});
