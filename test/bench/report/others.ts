import { type AzureCli, COMMANDS_PER_VEND } from '../azure-cli.ts';
import type { Calls } from '../calls.ts';
import type { ColdStartResult } from '../cold-start/table.ts';
import type { LedgerCalls } from '../ledger-calls.ts';
import type { Repetition } from '../reconcile-cost.ts';
import type { ScaleRow } from '../scale.ts';
import { requestsIn } from '../table-meter.ts';
import { digits, spread, tableOf, UNSEEN, whole } from './markdown.ts';

export const coldStartTable = (results: readonly ColdStartResult[]): string =>
  tableOf(
    [
      'cold start',
      'registered, ms',
      'CPU ms until then',
      'RSS then, MiB',
      'first vend answered, ms',
      'CPU ms until then',
    ],
    results.map(({ contender, registeredMs, cpuMs, rssMiB, firstVendMs, firstVendCpuMs }) => [
      contender,
      spread(registeredMs),
      spread(cpuMs),
      digits(rssMiB.median),
      ...[firstVendMs, firstVendCpuMs].map((summary) => (summary === undefined ? UNSEEN : spread(summary))),
    ]),
  );

export const ledgerTable = (rows: readonly LedgerCalls[]): string =>
  tableOf(
    ['request', 'ledger calls', 'rows read', 'rows written', 'rows removed later'],
    rows.map(({ request, calls, rowsRead, rowsWritten, rowsRemovedLater }) => [
      request,
      ...[calls, rowsRead, rowsWritten, rowsRemovedLater].map(whole),
    ]),
  );

export const scaleTable = (rows: readonly ScaleRow[]): string =>
  tableOf(
    ['finished credentials', 'reconcile', 'ms', ...ASKED.flatMap(([name]) => [name, 'p50 ms'])],
    rows.map((row) => [
      whole(row.finished),
      `${whole(requestsIn(row.reconcile))} / ${whole(row.reconcile.read)}`,
      whole(row.reconcile.ms),
      ...ASKED.flatMap(([, of]) => [
        `${whole(of(row).requests)} / ${whole(of(row).entities)}`,
        digits(of(row).ms.median),
      ]),
    ]),
  );

const ASKED: readonly (readonly [name: string, of: (row: ScaleRow) => Repetition])[] = [
  ['vend', ({ vend }) => vend],
  ['replay', ({ replay }) => replay],
  ['page of all', ({ pageOfAll }) => pageOfAll],
  ['page of own', ({ pageOfOwn }) => pageOfOwn],
];

/** They are a test's too: `test/azure/calls`. */
export const callsText = ({ request, calls }: Calls): string =>
  `**All calls of a ${request}**, in order:\n\n\`\`\`\n${calls.join('\n')}\n\`\`\``;

export function azureCliText(azureCli: AzureCli): string {
  switch (azureCli.kind) {
    case 'absent':
      return '`az rest` and `az keyvault secret set`: az is not installed here, skipped.';
    case 'measured': {
      const { median, p25, p75 } = azureCli.startMs;
      const start = `${whole(median)} ms (${whole(p25)}–${whole(p75)})`;
      return `\`az rest\` and \`az keyvault secret set\`: \`az version\`, which reaches no service, takes ${start}; the two commands start ${COMMANDS_PER_VEND} of them, ${whole(median * COMMANDS_PER_VEND)} ms before any exchange.`;
    }
  }
}
