import type { EmulatedAzure } from '../../src/sandbox/azure/azure.ts';
import type { AuditRecord } from '../../src/vending/model/audit.ts';
import { type Credential, statusOf } from '../../src/vending/model/credential.ts';
import type { RowOf } from '../../src/vending/model/rows.ts';
import type { TransitionName } from '../../src/vending/model/transitions.ts';
import { uniqueRecords } from './account/audit.ts';
import type { AttemptRow } from './evidence.ts';
import type { Conversation } from './http-client.ts';
import type { Resolved } from './operator.ts';
import type { Order } from './orders.ts';

export interface Report {
  /** When each was reached, in seconds since the start. */
  readonly phases: ReadonlyMap<string, number>;
  readonly orders: readonly Order[];
  readonly conversations: readonly Conversation[];
  /** Everything asked once more, at the end. */
  readonly again: readonly Conversation[];
  /** Subjects of the replies on the queues. */
  readonly replies: readonly string[];
  readonly credentials: readonly Credential[];
  readonly attempts: readonly AttemptRow[];
  readonly bulks: readonly RowOf<'bulk'>[];
  readonly keys: ReturnType<EmulatedAzure['arm']['keys']>;
  readonly kills: number;
  /** Services that no fault hit. */
  readonly spared: readonly string[];
  readonly faults: ReadonlyMap<string, number>;
  /** What the broker did besides. */
  readonly tricks: ReadonlyMap<string, number>;
  /** Of the clocks of instances. */
  readonly jumps: number;
  /** In the storm: an operator's words on unknown attempts, and reviews that one asked for. */
  readonly decisions: number;
  readonly reviews: number;
  readonly resolved: Resolved;
  /** How often the references of rotated credentials were looked up. */
  readonly looks: number;
  readonly deadLetters: number;
  readonly records: readonly AuditRecord[];
  readonly events: number;
  readonly discrepancies: readonly string[];
}

export function textOf(report: Report): string {
  const { conversations, resolved, keys, records, discrepancies } = report;
  const live = keys.filter((key) => !key.deleted).length;
  const repeated = records.filter((record) => record.repeated === true).length;
  return [
    `seconds       ${[...report.phases].map(([name, at]) => `${name} ${at}`).join(', ')}`,
    `memory        ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MB`,
    ...(['vend', 'rotate', 'end-overlap', 'revoke'] as const).map((operation) => {
      const asking = conversations.filter(({ question }) => question.asked.operation === operation);
      return `${`HTTP ${operation}`.padEnd(16)} ${asking.length} clients asked ${asked(asking)} times: ${outcomes(asking)}`;
    }),
    `queue         ${report.replies.length} replies: ${tally(report.replies)}; dead letters ${report.deadLetters}`,
    `bulk          ${report.bulks.map(({ operation, count, preparing }) => `${operation} ${count}${preparing === true ? ' (not begun)' : ''}`).join(', ')}`,
    `broker        ${listed(report.tricks)}`,
    `clocks        ${report.jumps} jumps`,
    `operators     in the storm ${report.decisions} words on unknown attempts, ${report.reviews} reviews`,
    `faults        ${listed(report.faults)}`,
    `unknown       ${resolved.orphans} orphans, ${resolved.none} without a key; ${resolved.looks} reviews asked for`,
    `asked again   ${outcomes(report.again)}`,
    `dates         ${listed(datesIn(report))}`,
    `in the end    ${tally(report.credentials.map(statusOf))}`,
    `attempts      ${tally(report.attempts.map(({ purpose, outcome }) => `${purpose} ${outcome}`))}`,
    `keys          ${keys.length} minted, ${live} live, ${keys.length - live} deleted`,
    `references    of rotated credentials looked up ${report.looks} times`,
    `audit trail   ${records.length} records, ${repeated} of them repeated; ${report.events} events`,
    ...report.spared.map((service) => `SPARED        ${service}: the storm proves nothing of it`),
    ...discrepancies.map((discrepancy) => `DISCREPANCY   ${discrepancy}`),
    ...storiesOf(report),
    summaryOf(report),
  ].join('\n');
}

/** The row and the changes of each credential that a discrepancy names: nothing else of a run outlives it. */
function* storiesOf({ credentials, records, discrepancies }: Report): Generator<string> {
  const named = new Set(discrepancies.flatMap((discrepancy) => discrepancy.match(/\b[a-z2-7]{26}\b/g) ?? []));
  for (const row of credentials.filter(({ id }) => named.has(id))) {
    yield `ROW           ${JSON.stringify(row)}`;
    for (const { at, change, actor, credentialId } of uniqueRecords(records).values())
      if (credentialId === row.id) yield `              ${at} ${change} by ${actor}`;
  }
}

/** Changes that a date brought about, or somebody who did not wait for it. */
export function datesIn({ records, orders }: Pick<Report, 'records' | 'orders'>): ReadonlyMap<string, number> {
  const expiring = new Set(orders.flatMap(({ fate, id }) => (fate === 'expiring' ? [id] : [])));
  const changes = [...uniqueRecords(records).values()];
  const count = (...names: readonly TransitionName[]): number =>
    changes.filter(({ change }) => names.includes(change)).length;
  const byItself = changes.filter(
    ({ change, credentialId }) => change === 'claimRotation' && expiring.has(credentialId),
  );
  return new Map([
    ['expiries', count('noteExpiry')],
    ['rotations that nobody asked for', byItself.length],
    ['overlaps over', count('recordOverlapEnded')],
    ['overlaps ended early', count('endOverlapNow')],
  ]);
}

export function summaryOf(report: Report): string {
  const { orders, credentials, attempts, kills, faults, resolved, discrepancies } = report;
  const vended = attempts.filter(({ outcome }) => outcome === 'vended');
  const rotations = vended.filter(({ purpose }) => purpose === 'rotate').length;
  const revocations = credentials.filter(({ closed }) => closed !== undefined).length;
  const hits = [...faults.values()].reduce((sum, count) => sum + count, 0);
  return [
    `chaos: ${orders.length} requests, ${vended.length - rotations} vends, ${rotations} rotations, ${revocations} revocations`,
    `${kills} kills, ${hits} faults, ${resolved.orphans} orphans`,
    `${discrepancies.length} discrepancies`,
  ].join(', ');
}

const asked = (conversations: readonly Conversation[]): number =>
  conversations.reduce((sum, conversation) => sum + conversation.asked, 0);

const outcomes = (conversations: readonly Conversation[]): string =>
  tally(conversations.map(({ answers }) => answers.at(-1)?.outcome ?? 'none'));

const tally = (names: readonly string[]): string =>
  listed(new Map([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length])));

export const listed = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
