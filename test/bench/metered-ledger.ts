import { createLedger } from '../../src/azure/ledger/ledger.ts';
import type { Ledger } from '../../src/vending/ports/ledger.ts';
import type { Context } from '../../src/vending/saga/context.ts';
import { createOutbox } from '../../src/vending/saga/outbox.ts';
import { loopbackClient, tokenCredential } from '../azure/loopback-client.ts';
import { DEFAULT_TIMINGS } from '../vending/world/timings.ts';
import { VAULT, World } from '../vending/world/world.ts';
import { type BenchTable, startBenchTable } from './table/table.ts';
import { TableMeter } from './table-meter.ts';

/** The real ledger adapter on the bench's table, with a count of what goes between them. */
export interface MeteredLedger {
  readonly ledger: Ledger;
  readonly table: BenchTable;
  readonly meter: TableMeter;
  /** Confluent, vault and clock, in memory. */
  readonly world: World;
  /** For one call. */
  context(party: 'worker' | 'reconciler'): Context;
  /** Deletes the outbox rows of what was committed, as a process does seconds later. */
  flush(): Promise<void>;
  /** The vault has just taken a write, so nobody has to ask it whether it does. */
  proveVault(): void;
  close(): Promise<void>;
}

export async function openMeteredLedger(): Promise<MeteredLedger> {
  const table = await startBenchTable();
  const meter = new TableMeter();
  const ledger = createLedger({
    endpoint: 'https://ledger.table.core.windows.net',
    table: 'credentials',
    credential: tokenCredential('function'),
    httpClient: meter.observe(loopbackClient(table.port, table.caPem)),
    timings: DEFAULT_TIMINGS,
  });
  const world = new World();
  // Without a topic: its events would be rows of the outbox that depend on how fast it takes them.
  world.hasTopic = false;
  const { clock } = world.effects();
  const outbox = createOutbox({ ledger, clock, backgroundTasks: () => undefined });
  return {
    ...{ ledger, table, meter, world },
    context: (party) => ({ ...world.ctx(party), ledger, outbox }),
    flush: () => outbox.flush(),
    proveVault: () => void world.vault.provenAt.set(VAULT, world.now),
    close: () => table.close(),
  };
}
