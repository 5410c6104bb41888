import type { EmulatedAzure } from '../../src/sandbox/azure.ts';
import type { Intent } from '../../src/vending/intent.ts';
import { hasVended } from './account/lineage.ts';
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
  readonly intents: readonly Intent[];
  readonly keys: ReturnType<EmulatedAzure['arm']['keys']>;
  readonly kills: number;
  /** Upstreams that nothing went wrong with. */
  readonly spared: readonly string[];
  readonly faults: ReadonlyMap<string, number>;
  /** What the broker did besides. */
  readonly tricks: ReadonlyMap<string, number>;
  readonly resolved: Resolved;
  /** How often the references of rotated keys were looked up. */
  readonly looks: number;
  readonly deadLetters: number;
  readonly audit: { readonly records: number; readonly lost: number };
  readonly discrepancies: readonly string[];
}

export function textOf(report: Report): string {
  const { conversations, resolved, keys, audit, discrepancies } = report;
  const live = keys.filter((key) => !key.deleted).length;
  return [
    `seconds       ${[...report.phases].map(([name, at]) => `${name} ${at}`).join(', ')}`,
    ...(['vend', 'rotate', 'revoke'] as const).map((operation) => {
      const asking = conversations.filter(({ question }) => question.operation === operation);
      return `${`HTTP ${operation}`.padEnd(13)} ${asking.length} clients asked ${asked(asking)} times: ${outcomes(asking)}`;
    }),
    `queue         ${report.replies.length} replies: ${tally(report.replies)}; dead letters ${report.deadLetters}`,
    `broker        ${listed(report.tricks)}`,
    `faults        ${listed(report.faults)}`,
    `unknown       ${resolved.orphans} orphans deleted, ${resolved.none} without a key; ${resolved.revoked} refused deletes repeated`,
    `asked again   ${outcomes(report.again)}`,
    `in the end    ${tally(report.intents.map(({ state }) => state.kind))}; at attempt ${tally(report.intents.map(({ attempt }) => String(attempt)))}`,
    `keys          ${keys.length} minted, ${live} live, ${keys.length - live} deleted`,
    `references    of rotated keys looked up ${report.looks} times`,
    `audit trail   ${audit.records} records, ${audit.lost} lost and known by the next one`,
    ...report.spared.map((service) => `SPARED        ${service}: the storm proves nothing of it`),
    ...discrepancies.map((discrepancy) => `DISCREPANCY   ${discrepancy}`),
    summaryOf(report),
  ].join('\n');
}

export function summaryOf({ orders, intents, kills, faults, resolved, discrepancies }: Report): string {
  const vended = intents.filter(hasVended);
  const rotations = vended.filter(({ supersedes }) => supersedes !== undefined).length;
  const revocations = intents.filter(({ state }) => state.kind === 'revoked').length;
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

const listed = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
