import type { EmulatedAzure } from '../../src/sandbox/azure.ts';
import type { Intent } from '../../src/vending/intent.ts';
import type { Conversation } from './http-client.ts';
import type { Resolved } from './operator.ts';

export interface Report {
  readonly seconds: number;
  readonly requests: number;
  readonly conversations: readonly Conversation[];
  /** Subjects of the replies on the queues. */
  readonly replies: readonly string[];
  readonly intents: readonly Intent[];
  readonly keys: ReturnType<EmulatedAzure['arm']['keys']>;
  readonly kills: number;
  readonly faults: ReadonlyMap<string, number>;
  /** What the broker did besides. */
  readonly tricks: ReadonlyMap<string, number>;
  readonly resolved: Resolved;
  readonly replays: number;
  readonly deadLetters: number;
  readonly audit: { readonly records: number; readonly lost: number };
  readonly discrepancies: readonly string[];
}

export function textOf(report: Report): string {
  const { conversations, resolved, keys, audit, discrepancies } = report;
  const asked = conversations.reduce((sum, { asked: times }) => sum + times, 0);
  const faults = [...report.faults.values()].reduce((sum, count) => sum + count, 0);
  const deleted = keys.filter((key) => key.deleted).length;
  return [
    `duration      ${report.seconds} s`,
    `requests      ${report.requests}, ${asked} times over HTTP by ${conversations.length} clients, ${report.replies.length} replies by queue`,
    `over HTTP     ${tally(conversations.map(({ answers }) => answers.at(-1)?.outcome ?? 'none'))}`,
    `by queue      ${tally(report.replies)}`,
    `in the end    ${tally(report.intents.map(({ state }) => state.kind))}, attempts ${tally(report.intents.map(({ attempt }) => String(attempt)))}`,
    `keys          ${keys.length} minted, ${keys.length - deleted} live, ${deleted} deleted`,
    `unknown       ${resolved.orphans} orphans deleted, ${resolved.none} without a key; ${report.replays} clients asked again`,
    `faults        ${listed(report.faults)}`,
    `broker        ${listed(report.tricks)}, dead letters ${report.deadLetters}`,
    `audit trail   ${audit.records} records, ${audit.lost} lost with a crash and known by the next one`,
    ...discrepancies.map((discrepancy) => `DISCREPANCY   ${discrepancy}`),
    `chaos: ${report.requests} requests, ${report.kills} kills, ${faults} faults, ${discrepancies.length} discrepancies`,
  ].join('\n');
}

const tally = (names: readonly string[]): string =>
  listed(new Map([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length])));

const listed = (counts: ReadonlyMap<string, number>): string =>
  [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name} ${count}`).join(', ');
