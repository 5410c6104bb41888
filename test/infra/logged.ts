import { auditRecordOf, auditRecordSchema, bulkRecordSchema } from '../../src/vending/model/audit.ts';
import { type Credential, namedKeys } from '../../src/vending/model/credential.ts';
import type { ProblemType } from '../../src/vending/model/problems.ts';
import { iso } from '../../src/vending/model/timings.ts';
import type { UpstreamTrace } from '../../src/vending/model/tracing.ts';
import { apply, TRANSITIONS, type Transition, type TransitionName } from '../../src/vending/model/transitions.ts';
import type { LogEntry } from '../../src/vending/ports/telemetry.ts';
import { DEFAULT_TIMINGS as timings } from '../vending/world/timings.ts';
import type { Row } from './drills/values.ts';

export const NOW = Date.parse('2030-01-01T12:00:00Z');
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The function that logs, and its invocation. */
export interface Where {
  readonly operation?: string;
  readonly invocation?: string;
}

/** A row of `AppTraces`. @param ago milliseconds before now */
function trace(ago: number, record: object, { operation = 'vendKey', invocation = 'i' }: Where): Row {
  return {
    TimeGenerated: NOW - ago,
    Message: JSON.stringify(record),
    OperationName: operation,
    OperationId: `trace-${invocation}`,
    Properties: { InvocationId: invocation },
  };
}

/** A record that is no audit record. */
export const logged = (ago: number, record: Omit<LogEntry, 'level'>, where: Where = {}): Row =>
  trace(ago, record, where);

/** One change of a credential, and when. */
export type Step = readonly [change: TransitionName, ago: number, why?: Why];
export interface Why {
  readonly problem?: ProblemType;
  readonly cause?: UpstreamTrace;
}

/** What is not the same for every credential. */
export interface About extends Where {
  readonly cluster?: string;
  readonly caller?: string;
  readonly rule?: string;
  readonly vaultUrl?: string;
  readonly secretName?: string;
}

/**
 * The audit records of one credential, as the product makes them: its table of transitions takes each step. The keys of
 * credential `c` are called `c-key-1`, `c-key-2` and so on, by the attempt.
 *
 * @throws Error for a step that the table does not allow
 */
export function audited(id: string, steps: readonly Step[], about: About = {}): Row[] {
  let before: Credential | undefined;
  return steps.map(([change, ago, why = {}]) => {
    const now = NOW - ago;
    const after = changed(id, change, before, now, why, about);
    const actor = TRANSITIONS[change].by[0] ?? 'worker';
    const record = auditRecordOf({ at: now, actor, change, before, after, cause: why.cause });
    before = after;
    return trace(ago, { audit: auditRecordSchema.parse(record) }, about);
  });
}

function changed(
  id: string,
  change: TransitionName,
  before: Credential | undefined,
  now: number,
  { problem = 'internal-error' }: Why,
  about: About,
): Credential {
  const transition = TRANSITIONS[change] as unknown as Transition<object>;
  const input = {
    ...inputFor(id, before, now, problem, about),
    ...(change.includes('Overlap') && { keyId: before?.previous?.keyId }),
  };
  const applied = apply(transition, before, input, { now, timings, by: transition.by[0] ?? 'worker' });
  if (applied.kind === 'refused') throw new Error(`${change} is refused: ${applied.condition}.`);
  const sequence = (before?.sequence ?? 0) + 1;
  return { ...applied.row, sequence, writeId: `${id}-${sequence}` };
}

/** What any of the transitions takes. */
function inputFor(id: string, before: Credential | undefined, now: number, problem: ProblemType, about: About): object {
  const { cluster = 'lkc-1', caller = 'entra:t:portal', rule = 'orders' } = about;
  const { vaultUrl = 'https://v.vault.azure.net', secretName = `ck-${id}` } = about;
  const number = before?.work?.attempt ?? before?.attempts ?? 1;
  const keyId = `${id}-key-${number}`;
  const grant = { rule, overlapMs: DAY, revokeAtExpiry: true };
  const target = { subscriptionId: 's', resourceGroupName: 'g', organizationName: 'o', environmentId: 'env-1' };
  return {
    // claims
    draft: {
      ...{ id, caller, requestHash: 'hash', target: { ...target, clusterId: cluster }, name: 'orders' },
      ...{ vaultUrl, secretName, secretFormat: 'secret', grant },
    },
    ...{ nonce: 'nonce', claimId: `claim-${now}`, leaseUntil: now, grant, requestKey: 'request', overlapMs: DAY },
    // attempts
    ...{ attempt: before?.work, keyId, key: { id: keyId, metadata: {}, spec: {} } },
    secret: { id: `${vaultUrl}/secrets/${secretName}/v${number}`, version: `v${number}` },
    ...{ problem: { type: problem, detail: 'It failed.' }, stored: false },
    // revocations
    ...{ by: 'caller', checked: true, keyIds: before === undefined ? [] : namedKeys(before) },
  };
}

/** The record of an operator's work on many credentials belongs to none of them. */
export function bulk(ago: number): Row {
  const record = { id: 'b', at: iso(NOW - ago), actor: 'operator:o', bulkId: 'bulk', sequence: 0, state: 'running' };
  const audit = bulkRecordSchema.parse({ ...record, operation: 'revoke', filter: {}, count: 2 });
  return trace(ago, { audit }, { operation: 'beginBulk' });
}

/**
 * The reconciler logs audit records again, in an invocation of its own, and here the oldest one last.
 *
 * @param within it repeats what was logged in so many milliseconds before now
 */
export function withRepeats(rows: readonly Row[], within: number): Row[] {
  const recent = rows.filter(({ TimeGenerated }) => NOW - Number(TimeGenerated) < within);
  const repeats = recent.flatMap((row, at) => {
    const { audit } = JSON.parse(String(row.Message ?? '{}')) as { readonly audit?: object };
    const where = { operation: 'reconcile', invocation: 'timer' };
    return audit === undefined ? [] : [trace((at + 1) * SECOND, { audit: { ...audit, repeated: true } }, where)];
  });
  return [...rows, ...repeats];
}

/** The same rows of credentials that had eight changes before. As texts, "9" is greater than "10". */
export const withLaterSequences = (rows: readonly Row[]): Row[] =>
  rows.map((row) => {
    const record = JSON.parse(String(row.Message ?? '{}')) as { readonly audit?: { readonly sequence?: number } };
    const audit = record.audit && { ...record.audit, sequence: (record.audit.sequence ?? 0) + 8 };
    return audit === undefined ? row : { ...row, Message: JSON.stringify({ ...record, audit }) };
  });
