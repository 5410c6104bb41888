import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultEffect } from '../../../src/sandbox/kit/faults.ts';
import type { Ledger } from '../../../src/vending/ports/ledger.ts';
import { startTableWorld, type TableWorld } from './emulated-table.ts';

/** Other tests make the adapter impatient. These have the retries that are deployed. */

const THROTTLED = { status: 429, headers: { 'retry-after': '1' } };
const FAILURES: readonly FaultEffect[] = [{ status: 503 }, THROTTLED, { drop: 'before' }];

describe('a ledger that failed once is asked again, within the five seconds of a call', () => {
  let world: TableWorld;
  let ledger: Ledger;
  beforeAll(async () => {
    world = await startTableWorld();
    ledger = world.openAsDeployed();
  });
  beforeEach(() => world.faults.clear());
  afterAll(() => world.emulator.close());

  it.each(FAILURES)('%j', async (fault) => {
    world.faults.add({ service: 'table', times: 1, fault });
    expect(await ledger.read('credential', 'nobody')).toEqual({ kind: 'absent' });
    world.faults.add({ service: 'table', times: 1, fault });
    expect(await ledger.commit({ remove: ['due_nobody'] })).toMatchObject({ kind: 'committed' });
  });

  it('but not for ever', async () => {
    world.faults.add({ service: 'table', fault: { status: 503 } });
    expect(await ledger.read('credential', 'nobody')).toMatchObject({ kind: 'unreachable', upstream: { status: 503 } });
  });
});
