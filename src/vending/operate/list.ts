import * as z from 'zod';
import { INTENT_STATES, type Intent, type IntentStateKind } from '../intent.ts';
import type { Ledger } from '../ports/ledger.ts';
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

export interface ListCommand {
  readonly state: IntentStateKind;
  /** Due rows looked at; a page may show fewer intents, or none, and still have a next one. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** One page of the open intents in a state, oldest due first. @returns undefined where the ledger is silent. */
export async function listIntents(
  ledger: Ledger,
  { state, limit, cursor }: ListCommand,
): Promise<IntentPage | undefined> {
  const page = await ledger.listDue(cursor === undefined ? { limit } : { limit, from: cursor });
  if (page.kind === 'unreachable') return undefined;
  const reads = await Promise.all(
    page.rows.map(async ({ intentId, at }) => ({ at: at.getTime(), read: await ledger.read(intentId) })),
  );
  const intents: Intent[] = [];
  for (const { at, read } of reads) {
    if (read.kind === 'unreachable') return undefined;
    // A due row that its intent has left behind would show the intent twice.
    if (read.kind === 'found' && read.row.intent.dueAt === at && read.row.intent.state.kind === state) {
      intents.push(read.row.intent);
    }
  }
  const views = intents.map(operatorViewOf);
  return page.next === undefined ? { intents: views } : { intents: views, next: page.next };
}
