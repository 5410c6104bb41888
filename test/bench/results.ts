import type { AzureCli } from './azure-cli.ts';
import type { BacklogRow } from './backlog.ts';
import type { Calls } from './calls.ts';
import type { ColdStartResult } from './cold-start/table.ts';
import type { LedgerCalls } from './ledger-calls.ts';
import type { Machine } from './machine.ts';
import type { MemoryRow } from './memory.ts';
import type { OverheadRow } from './overhead.ts';
import type { ScaleRow } from './scale.ts';
import type { ThroughputRow } from './throughput.ts';

/** The measurements. A section that was not asked for, or cannot be seen here, is absent. */
export interface Sections {
  readonly overhead?: readonly OverheadRow[];
  readonly 'cold-start'?: readonly ColdStartResult[];
  readonly throughput?: readonly ThroughputRow[];
  readonly backlog?: readonly BacklogRow[];
  readonly memory?: readonly MemoryRow[];
  readonly ledger?: readonly LedgerCalls[];
  readonly scale?: readonly ScaleRow[];
  readonly calls?: readonly Calls[];
  readonly az?: AzureCli;
}

export type SectionName = keyof Sections;

export interface Results {
  readonly machine: Machine;
  readonly form: 'full' | 'short';
  /** How long all of it took. */
  readonly seconds: number;
  readonly sections: Sections;
}
