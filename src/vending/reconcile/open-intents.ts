import { type IntentStateKind, PARKED_AT } from '../intent.ts';
import { type LedgerRow, MALFORMED_ROW } from '../ports/ledger.ts';
import type { SagaPorts } from '../saga/ports.ts';

/** States in which a request is neither answered for good nor closed. What is unknown is counted where it is parked. */
const LEFT_OPEN = ['minting', 'minted', 'compensating', 'revoking'] as const;
type LeftOpen = (typeof LEFT_OPEN)[number];

/** Of the intents that one run looked at, those that it had to leave open. */
export type OpenIntents = Record<LeftOpen, number>;

export const noneOpen = (): OpenIntents => ({ minting: 0, minted: 0, compensating: 0, revoking: 0 });

export function noteOpen(open: OpenIntents, { intent }: LedgerRow): void {
  const { kind } = intent.state;
  if (isLeftOpen(kind)) open[kind]++;
}

const isLeftOpen = (kind: IntentStateKind): kind is LeftOpen => (LEFT_OPEN as readonly string[]).includes(kind);

export function measureOpen({ telemetry }: SagaPorts, open: OpenIntents): void {
  for (const state of LEFT_OPEN) telemetry?.measure('vending.open_intents', open[state], { state });
}

/** Parked intents counted at most. More than that is as bad. */
const MOST_PARKED = 100;

/**
 * Tells the operators how much is open and unknown, so that what nobody looks after is not forgotten. It reads what is
 * parked as unknown and nothing else.
 *
 * @returns whether the ledger answered.
 */
export async function tellOpen(ports: SagaPorts, open: OpenIntents): Promise<boolean> {
  const unknown = await countUnknown(ports);
  if (unknown === undefined) return false;
  ports.telemetry?.measure('vending.open_intents', unknown, { state: 'unknown' });
  ports.log({ level: 'info', event: 'open-intents', counts: { ...open, unknown } });
  return true;
}

/** Each intent is read, for its due row may have outlived what it told. */
async function countUnknown({ ledger }: SagaPorts): Promise<number | undefined> {
  const parked = await ledger.listDue({ limit: MOST_PARKED, from: new Date(PARKED_AT).toISOString() });
  if (parked.kind === 'unreachable') return undefined;
  let unknown = 0;
  for (const { intentId } of parked.rows) {
    const read = await ledger.read(intentId);
    if (read.kind === 'unreachable' && read.upstream.code !== MALFORMED_ROW) return undefined;
    if (read.kind === 'found' && read.row.intent.state.kind === 'unknown') unknown++;
  }
  return unknown;
}
