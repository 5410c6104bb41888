import * as z from 'zod';
import { INTENT_STATES, type Intent, type IntentStateKind, PARKED_AT } from '../intent.ts';
import { MALFORMED_ROW } from '../ports/ledger.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { operatorViewOf, operatorViewSchema } from './view.ts';

/** States that a due row points to; what is vended has none unless it is to be rotated, so it is found by its own id only. */
export const OPEN_STATES = INTENT_STATES.filter((kind) => kind !== 'vended');

export const intentPageSchema = z.strictObject({
  intents: z.array(operatorViewSchema),
  next: z
    .string()
    .exactOptional()
    .meta({ description: 'Give it back as `cursor` for the next page; absent at the end.' }),
});
export type IntentPage = z.infer<typeof intentPageSchema>;

/** What is unknown falls due within the hour, or is parked: failures and rotations that wait for weeks lie between. */
const SOON_MS = 3_600_000;
/** Before whatever is parked, in the order of due rows. */
const FIRST_PARKED = `${new Date(PARKED_AT).toISOString()}_${'2'.repeat(26)}`;

export interface ListCommand {
  readonly state: IntentStateKind;
  /** Due rows looked at; a page may show fewer intents, or none, and still have a next one. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Pages looked through for one that shows something: what waits for weeks lies between. */
const MOST_PAGES = 20;

/**
 * One page of the open intents in a state, oldest due first; it is empty only where there are none, or none in the first
 * thousand due rows.
 *
 * @returns undefined where the ledger is silent.
 */
export async function listIntents(
  ports: Pick<SagaPorts, 'ledger' | 'clock'>,
  { state, limit, cursor }: ListCommand,
): Promise<IntentPage | undefined> {
  let next: string | undefined = cursor ?? '';
  for (let pages = 0; pages < MOST_PAGES && next !== undefined; pages++) {
    const page: IntentPage | undefined = await pageOf(ports, state, limit, next);
    if (page === undefined || page.intents.length > 0) return page;
    next = page.next;
  }
  return next === undefined ? { intents: [] } : { intents: [], next };
}

async function pageOf(
  { ledger, clock }: Pick<SagaPorts, 'ledger' | 'clock'>,
  state: IntentStateKind,
  limit: number,
  from: string,
): Promise<IntentPage | undefined> {
  const soon = state === 'unknown' && from < FIRST_PARKED;
  const page = await ledger.listDue({ limit, from, ...(soon && { before: new Date(clock.now() + SOON_MS) }) });
  if (page.kind === 'unreachable') return undefined;
  const reads = await Promise.all(
    page.rows.map(async ({ intentId, at }) => ({ at: at.getTime(), read: await ledger.read(intentId) })),
  );
  const intents: Intent[] = [];
  for (const { at, read } of reads) {
    if (read.kind === 'unreachable' && read.upstream.code !== MALFORMED_ROW) return undefined;
    // A due row that its intent has left behind would show the intent twice.
    if (read.kind === 'found' && read.row.intent.dueAt === at && read.row.intent.state.kind === state) {
      intents.push(read.row.intent);
    }
  }
  const next = page.next ?? (soon ? FIRST_PARKED : undefined);
  return { intents: intents.map(operatorViewOf), ...(next !== undefined && { next }) };
}
