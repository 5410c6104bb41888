import { afterAll, beforeAll, expect, it } from 'vitest';
import { previewBulk, startBulk } from '../../../src/vending/commands/bulk.ts';
import { readBulk } from '../../../src/vending/commands/bulk-progress.ts';
import { continueBulks } from '../../../src/vending/review/bulk.ts';
import { type MeteredLedger, openMeteredLedger } from '../../bench/metered-ledger.ts';
import { requestsIn, type TableCost } from '../../bench/table-meter.ts';
import { credentialOf } from './emulated-table.ts';

/** `MEMBERS=100000` measures what the pages say. */
const MEMBERS = Number(process.env.MEMBERS ?? 1_000);
/** Of one run of the reconciler. */
const MARKED = 100;

let metered: MeteredLedger;
beforeAll(async () => {
  metered = await openMeteredLedger();
});
afterAll(() => metered.close());

function plant(count: number): void {
  const { world, table } = metered;
  const rows = Array.from({ length: count }, (_, number) => {
    const id = String(number).padStart(26, 'a');
    const { work: _work, ...idle } = credentialOf(id, { createdAt: world.now });
    const key = { id: `KEY${number}`, metadata: {}, spec: {} };
    const secret = { id: `${idle.vaultUrl}/secrets/${idle.secretName}/1`, version: '1' };
    const current = { attempt: 1, nonce: 'abcdef', key, secret, vendedAt: world.now };
    return [`credential_${id}`, JSON.stringify({ document: JSON.stringify({ ...idle, current }) })] as const;
  });
  table.plant(rows);
}

async function costOf<T>(work: () => Promise<T>): Promise<{ readonly cost: TableCost; readonly value: T }> {
  metered.meter.take();
  const startedAt = performance.now();
  const value = await work();
  const cost = metered.meter.take();
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  if (process.env.MEMBERS !== undefined) process.stdout.write(`${seconds} s ${JSON.stringify(cost)}\n`);
  return { cost, value };
}

it(
  `a bulk revocation of ${MEMBERS} costs a row for each at its start, and two requests for each that is marked`,
  async () => {
    plant(MEMBERS);
    const ctx = metered.context('worker');
    const request = { operation: 'revoke', filter: { rule: 'orders' }, expect: MEMBERS } as const;
    const pages = Math.ceil(MEMBERS / 999);
    const preview = await costOf(() => previewBulk(ctx, request));
    expect(preview.value).toMatchObject({ kind: 'previewed', preview: { count: MEMBERS } });
    expect(requestsIn(preview.cost)).toBe(pages);

    const started = await costOf(() => startBulk(ctx, { by: 'operator:entra:t:o', key: 'leak', request }));
    if (started.value.kind !== 'started') throw new Error(`It ended as ${started.value.kind}.`);
    // Its own row twice, the date of its end, the marking and the audit record.
    expect(started.cost.written).toBe(MEMBERS + 5);
    expect(requestsIn(started.cost)).toBe(pages + MEMBERS / 100 + 3);

    const marked = await costOf(() => continueBulks(metered.context('reconciler')));
    // For each step of twenty: the state, the members and the progress. Once: the operations under way, and this one.
    expect(requestsIn(marked.cost)).toBe(2 * MARKED + (3 * MARKED) / 20 + 2);

    const { id } = started.value.bulk;
    const read = await costOf(() => readBulk(ctx, id));
    expect(read.value).toMatchObject({ kind: 'read', progress: { count: MEMBERS, left: MEMBERS } });
    expect(requestsIn(read.cost)).toBe(2 * pages + 3);
  },
  30_000 + MEMBERS * 5,
);
