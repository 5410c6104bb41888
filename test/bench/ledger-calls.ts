import { revoke } from '../../src/vending/commands/revoke.ts';
import { rotate } from '../../src/vending/commands/rotate.ts';
import { vend } from '../../src/vending/commands/vend.ts';
import { CALLER, ID, KEY, OWN, REQUEST, SETTINGS } from '../vending/world/steps.ts';
import { openMeteredLedger } from './metered-ledger.ts';
import { requestsIn } from './table-meter.ts';

export interface LedgerCalls {
  readonly request: string;
  /** Before the answer. */
  readonly calls: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** After the answer: rows of the outbox that are removed in batches. */
  readonly rowsRemovedLater: number;
}

/** Counts the calls of each request to the ledger, on the wire of the real adapter. */
export async function measureLedgerCalls(): Promise<LedgerCalls[]> {
  const metered = await openMeteredLedger();
  const { meter } = metered;
  const rows: LedgerCalls[] = [];
  const count = async (request: string, expected: string, work: () => Promise<{ readonly kind: string }>) => {
    metered.proveVault();
    meter.take();
    const { kind } = await work();
    if (kind !== expected) throw new Error(`A ${request} ended as ${kind}.`);
    const before = meter.take();
    await metered.flush();
    const [calls, rowsRemovedLater] = [requestsIn(before), meter.take().written];
    rows.push({ request, calls, rowsRead: before.read, rowsWritten: before.written, rowsRemovedLater });
  };
  const ask = (request: typeof REQUEST, key = KEY) =>
    vend(metered.context('worker'), SETTINGS, { caller: CALLER, key, request });
  const next = { authority: OWN, id: ID, requestKey: 'first', requestHash: 'hash' };
  try {
    await count('vend', 'vended', () => ask(REQUEST));
    await count('replay', 'vended', () => ask(REQUEST));
    const chosen = { ...REQUEST, secretName: 'orders-main' };
    await count('vend, chosen name', 'vended', () => ask(chosen, { kind: 'key', key: 'chosen' }));
    await count('rotation', 'vended', () => rotate(metered.context('worker'), SETTINGS, next));
    await count('rotation, replay', 'vended', () => rotate(metered.context('worker'), SETTINGS, next));
    await count('revocation', 'revoked', () => revoke(metered.context('worker'), SETTINGS, { authority: OWN, id: ID }));
    return rows;
  } finally {
    await metered.close();
  }
}
