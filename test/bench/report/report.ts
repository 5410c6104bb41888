import type { Machine } from '../machine.ts';
import type { Results } from '../results.ts';
import { backlogTable, memoryTable, throughputTable } from './load.ts';
import { azureCliText, callsText, coldStartTable, ledgerTable, scaleTable } from './others.ts';
import { overheadTable } from './overhead.ts';
import { ratiosOf, ratiosTable } from './ratios.ts';
import { targetsOf, targetsTable } from './targets.ts';

const OF_OVERHEAD = `**One vend at a time.** Floor: the same two exchanges, create and set secret, bare over \`node:https\` with tokens in hand.
Added: percentile less the floor's percentile. Own calls: those two and the three transactions of our vend, as bare as the floor.
With transactions: the straightforward one over HTTP that sends these transactions by \`@azure/data-tables\`, beside the own calls too.`;

const OF_LOAD = `**Many at a time**, over HTTP, upstreams that answer at once. A process that is busy nearly all of the time holds the others up. Where
none is, something else had the processors, and CPU per vend says more than vends/s.`;

const OF_TABLE = `Except for the cold start, the ledger is a stub of Table Storage in \`test/bench/table/\`: Azurite takes longer for a commit the more rows
it has.`;

const OF_LEDGER = `**Calls to the ledger** that a request waits for, counted on the wire. The rows of the audit trail are removed after the answer, many at a time.
Events to a topic add a row each.`;

const OF_SCALE = `**A growing ledger**: requests to the ledger / rows that it answered, of one run of the reconciler with as many open credentials beside
ever more finished ones, of a vend, of its repetition, and of the first 20 credentials of a list. Ledger adapter and table are in one
process, whose own time is in the milliseconds.`;

const OF_RATIOS = '**Ours beside the straightforward one**, in this run.';

/** Markdown of all that was measured, and of what was promised. */
export function reportOf({ machine, sections, form }: Results): string {
  const { overhead, throughput, backlog, memory, ledger, scale, calls, az } = sections;
  const coldStart = sections['cold-start'];
  const targets = targetsOf(sections);
  const ratios = ratiosOf(sections);
  const parts = [
    machineText(machine, form),
    OF_TABLE,
    overhead && `${OF_OVERHEAD}\n\n${overheadTable(overhead)}`,
    coldStart && `**Cold start**, from before the process is made.\n\n${coldStartTable(coldStart)}`,
    throughput && `${OF_LOAD}\n\n${throughputTable(throughput)}`,
    backlog && backlogTable(backlog),
    memory && memoryTable(memory),
    ledger && `${OF_LEDGER}\n\n${ledgerTable(ledger)}`,
    scale && `${OF_SCALE}\n\n${scaleTable(scale)}`,
    calls?.map(callsText).join('\n\n'),
    az && azureCliText(az),
    ratios.length > 0 && `${OF_RATIOS}\n\n${ratiosTable(ratios)}`,
    targets.length > 0 && targetsTable(targets),
  ];
  return parts.filter(Boolean).join('\n\n');
}

const machineText = ({ cpu, processors, memoryGb, os, node, date, commit }: Machine, form: Results['form']): string =>
  `${form === 'short' ? 'Short form, which tells nothing about time. ' : ''}${cpu}, ${processors} processors, ${memoryGb} GB, ${os}, Node ${node}, ${date}, commit ${commit}.`;
