import * as z from 'zod';
import { bulkPreviewSchema } from '../../src/vending/commands/bulk.ts';
import { type BulkProgress, bulkProgressSchema, bulkViewSchema } from '../../src/vending/commands/bulk-progress.ts';
import { accountForProgress } from './account/bulks.ts';
import { readLedger } from './evidence.ts';
import type { ClientWorld } from './http-client.ts';
import { call } from './operator.ts';
import { BULK_FILTERS } from './orders.ts';
import type { Random } from './random.ts';
import { sleepBy } from './sleep.ts';

const BULK = '/api/v1/operations/bulk';
/** In which the credentials come about, and enough others after them for another operation. */
const FIRST_MS = 12_000;
const NEXT_MS = 60_000;
const RETRY_MS = 700;
const TRIES = 60;
/** A request without an answer is repeated: it may have begun. */
const REPETITIONS = 4;

const problemSchema = z.object({ type: z.string() });
type Operation = keyof typeof BULK_FILTERS;

/**
 * Every minute of the storm an operator revokes what one filter names, and rotates what another one does. Others go on
 * vending, so the count of the dry run is soon wrong, and the next try counts again.
 *
 * @returns operations that never began, of the first turn: later there may be nothing left to do
 */
export async function actInBulk(world: ClientWorld, random: Random, storm: AbortSignal): Promise<readonly string[]> {
  const lost: string[] = [];
  for (let turn = 0; turn === 0 || !storm.aborted; turn++) {
    await sleepBy(world.azure.clock, turn === 0 ? FIRST_MS : NEXT_MS, storm);
    if (turn > 0 && storm.aborted) break;
    for (const operation of ['revoke', 'rotate'] as const)
      if (!(await begin(world, random.fork(`${operation} ${turn}`), operation, turn)) && turn === 0)
        lost.push(`no bulk operation began to ${operation}`);
  }
  return lost;
}

async function begin(world: ClientWorld, random: Random, operation: Operation, turn: number): Promise<boolean> {
  const filter = BULK_FILTERS[operation];
  for (let tries = 0; tries < TRIES; tries++) {
    const preview = await call(world, random, 'POST', BULK, { operation, filter, validateOnly: true });
    const count = bulkPreviewSchema.safeParse(preview).data?.count ?? 0;
    if (
      count > 0 &&
      (await isBegun(world, random, `${operation}-${turn}-${tries}`, { operation, filter, expect: count }))
    )
      return true;
    await sleepBy(world.azure.clock, RETRY_MS, world.deadline);
  }
  return false;
}

async function isBegun(world: ClientWorld, random: Random, key: string, body: object): Promise<boolean> {
  for (let sent = 0; sent < REPETITIONS; sent++) {
    const answer = await call(world, random, 'POST', BULK, body, { 'idempotency-key': key });
    if (bulkViewSchema.safeParse(answer).success) return true;
    if (problemSchema.safeParse(answer).data?.type.endsWith('bulk-conflict')) return false;
  }
  return false;
}

/** Where what the API says of bulk operations in the end differs from the ledger. */
export async function bulksInTheEnd(world: ClientWorld, random: Random): Promise<string[]> {
  const ledger = await readLedger(world.azure);
  const progress = new Map<string, BulkProgress | undefined>();
  for (const { id } of ledger.of('bulk'))
    progress.set(id, bulkProgressSchema.safeParse(await call(world, random, 'GET', `${BULK}/${id}`)).data);
  return accountForProgress(ledger, progress);
}
