import type { Intent } from '../../src/vending/intent.ts';
import { type AuditRecord, keyIdOf } from '../../src/vending/model/audit.ts';
import { allows, type Party, type StateOf, TABLE } from './table.ts';

/** One change of a row of the ledger that the real code made; undefined where there was, or is, no row. */
export interface Observed {
  readonly before: Intent | undefined;
  readonly after: Intent | undefined;
  /** As in the audit trail: `worker`, `reconciler`, or `operator:` and who. */
  readonly actor: string;
}

/** @throws Error which names the first change that no row of the table allows, and what the table does allow there. */
export function expectAllowed(observed: readonly Observed[]): void {
  for (const { before, after, actor } of observed) {
    const id = before?.id ?? after?.id ?? '';
    expectRow(
      id,
      before === undefined ? NO_ROW : stateOf(before),
      after === undefined ? NO_ROW : stateOf(after),
      actor,
    );
  }
}

/**
 * The same for an audit trail. A record that came again, from a reconciler that cleared up after a crash, tells of no
 * change of its own.
 *
 * @throws Error as {@link expectAllowed}
 */
export function expectTrailAllowed(trail: readonly AuditRecord[]): void {
  for (const { requestId, from, state: kind, attempt, apiKeyId: keyId, actor } of trail) {
    if (from === null && actor === 'reconciler') continue;
    const before = from === null ? NO_ROW : { kind: from.state, attempt: from.attempt, keyId: from.apiKeyId };
    expectRow(requestId, before, { kind, attempt, keyId }, actor);
  }
}

const NO_ROW: StateOf = { kind: 'none', attempt: 0 };

const stateOf = ({ state, attempt }: Intent): StateOf => ({
  kind: state.kind,
  attempt,
  keyId: keyIdOf(state).apiKeyId,
});

function expectRow(id: string, before: StateOf, after: StateOf, actor: string): void {
  const by = partyOf(actor);
  if (allows(before, after, by)) return;
  const rules = TABLE.filter((row) => row.from.includes(before.kind) && row.by.includes(by));
  const may = rules.map(({ to, key, when }) => `  ${to}, key ${key.join(' or ')}: ${when}`);
  throw new Error(
    [
      `Request ${id}: no row of the table lets the ${by} go from ${nameOf(before)} to ${nameOf(after)}.`,
      `From ${before.kind} it may go to${may.length === 0 ? ' nothing' : ''}`,
      ...may,
    ].join('\n'),
  );
}

/** @throws Error for an actor that the saga does not know. */
function partyOf(actor: string): Party {
  if (actor === 'worker' || actor === 'reconciler') return actor;
  if (actor === 'operator' || actor.startsWith('operator:')) return 'operator';
  throw new Error(`No such actor: ${actor}`);
}

const nameOf = ({ kind, attempt, keyId }: StateOf): string =>
  kind === 'none' ? 'no row' : `${kind}(${attempt}${keyId === undefined ? '' : `, ${keyId}`})`;
