import type { Credential } from '../../src/vending/model/credential.ts';
import { ROW_SCHEMAS, type Row, type RowKind, rowOf } from '../../src/vending/model/rows.ts';
import { apply, TRANSITIONS as T, type Transition, transitionNameOf } from '../../src/vending/model/transitions.ts';
import { commitOf } from '../../src/vending/saga/changes.ts';
import {
  DAY,
  DRAFT,
  FIRST,
  HOUR,
  keyOf,
  NOW,
  PROBLEM,
  SECOND,
  secretOf,
  TIMINGS,
} from '../vending/model/credentials.ts';

const SECOND_MS = 1_000;
const CLAIM = { claimId: 'claim-1', grant: DRAFT.grant, leaseUntil: NOW + TIMINGS.leaseMs };

/** The life of one credential in commits, and every row that they write. */
class Life {
  readonly rows: Row[] = [];
  credential: Credential | undefined;
  #now = NOW;

  commit<Input>(transition: Transition<Input>, input: Input): void {
    const before = this.credential;
    this.#now += SECOND_MS;
    const at = this.#now;
    const by = transition.by[0] ?? 'worker';
    const applied = apply(transition, before, input, { now: at, timings: TIMINGS, by });
    if (applied.kind === 'refused') throw new Error(`${transitionNameOf(transition)}: ${applied.condition}`);
    const after = { ...applied.row, sequence: (before?.sequence ?? 0) + 1, writeId: 'write-1' };
    const { commit } = commitOf({
      change: transitionNameOf(transition),
      isBookkeeping: false,
      from: before && { credential: before, etag: 'etag' },
      after,
      at,
      timings: TIMINGS,
      actor: 'worker',
      hasTopic: true,
      requestHash: 'ab'.repeat(32),
    });
    this.rows.push(...(commit.insert ?? []), ...(commit.put ?? []));
    this.credential = after;
  }
}

function lives(): { readonly rows: readonly Row[]; readonly rotating: Credential | undefined } {
  const good = new Life();
  const attempt = FIRST;
  good.commit(T.claimVend, { ...CLAIM, nonce: FIRST.nonce, draft: DRAFT, expiresOn: NOW + 90 * DAY });
  good.commit(T.recordMinted, { attempt, keyId: 'KEY1' });
  good.commit(T.recordVended, { attempt, keyId: 'KEY1', key: keyOf('KEY1'), secret: secretOf('v1') });
  const rotation = { requestKey: 'r'.repeat(26), overlapMs: 25 * HOUR };
  good.commit(T.claimRotation, { ...CLAIM, claimId: 'claim-2', nonce: SECOND.nonce, ...rotation });
  const rotating = good.credential;
  good.commit(T.recordUnknown, { attempt: SECOND });
  const bad = new Life();
  bad.commit(T.claimVend, { ...CLAIM, nonce: FIRST.nonce, draft: DRAFT });
  bad.commit(T.recordNotMinted, { attempt, problem: PROBLEM });
  return { rows: [...good.rows, ...bad.rows], rotating };
}

const BULK_ID = 'b'.repeat(26);
const BULK: readonly Row[] = [
  rowOf('bulk', {
    id: BULK_ID,
    operation: 'revoke',
    filter: { cluster: 'lkc-1126wj' },
    by: 'operator:entra:t:o',
    createdAt: NOW,
    count: 16,
    startId: 'write-9',
  }),
  rowOf('bulkchange', { bulk: BULK_ID, number: 1, state: 'paused', by: 'operator:entra:t:o', at: NOW }),
  rowOf('marking', { id: BULK_ID }),
  rowOf('member', { bulk: BULK_ID, id: DRAFT.id, apiKeyId: 'KEY1' }),
];

/** One example of each kind of row, as the table holds it. */
export function rowExamples(): string {
  const { rows, rotating } = lives();
  if (rotating === undefined) throw new Error('The life of the example has no rotation.');
  const { credential: _, ...others } = ROW_SCHEMAS;
  const examples = (Object.keys(others) as RowKind[]).map((kind) => exampleOf(kind, [...rows, ...BULK]));
  const { key, value } = rowOf('credential', rotating);
  return [fenced(key, fieldByField(value)), fenced(...examples)].join('\n\n').replaceAll(/\b(?:ab){32}\b/g, 'abab…');
}

const fenced = (...lines: readonly string[]): string => ['```text', ...lines, '```'].join('\n');

const fieldByField = (value: object): string =>
  `{\n${Object.entries(value)
    .map(([name, part]) => ` "${name}":${JSON.stringify(part)}`)
    .join(',\n')}\n}`;

function exampleOf(kind: RowKind, rows: readonly Row[]): string {
  const row = rows.find((each) => each.kind === kind);
  if (row === undefined) throw new Error(`No commit of the example writes a row of the kind ${kind}.`);
  const { value, key } = row;
  // A record ready to be published, which a schema in infra/ describes.
  return `${key}\n ${JSON.stringify('body' in value ? { ...value, body: '{…}' } : value)}`;
}
