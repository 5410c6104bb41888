import type { Machine } from '../machine.ts';
import type { Results } from '../results.ts';
import { backlogTable, memoryTable, throughputTable } from './load.ts';
import { azureCliText, coldStartTable, scaleTable } from './others.ts';
import { overheadTable } from './overhead.ts';
import { targetsOf, targetsTable } from './targets.ts';

const OF_OVERHEAD = `**One vend at a time.** Floor: the same two exchanges, create and set secret, bare over \`node:https\` with tokens in hand.
Added: percentile less the floor's percentile.`;

const OF_LOAD = `**Many at a time**, over HTTP, upstreams that answer at once. Who is busy for nearly all of the time is what holds the others up; where
nobody is, something else had the processors, and CPU per vend tells more than vends/s.`;

const OF_SCALE = `**A growing ledger**: one run of the reconciler with as many open requests beside ever more finished ones, and the repetition of a
vended request. On the real ledger adapter and the emulated table in one process, whose own time is in the milliseconds.`;

/** Markdown of all that was measured, and of what was promised. */
export function reportOf({ machine, sections, form }: Results): string {
  const { overhead, throughput, backlog, memory, scale, az } = sections;
  const coldStart = sections['cold-start'];
  const targets = targetsOf(sections);
  const parts = [
    machineText(machine, form),
    overhead && `${OF_OVERHEAD}\n\n${overheadTable(overhead)}`,
    coldStart && `**Cold start**, from before the process is made.\n\n${coldStartTable(coldStart)}`,
    throughput && `${OF_LOAD}\n\n${throughputTable(throughput)}`,
    backlog && backlogTable(backlog),
    memory && memoryTable(memory),
    scale && `${OF_SCALE}\n\n${scaleTable(scale)}`,
    az && azureCliText(az),
    targets.length > 0 && targetsTable(targets),
  ];
  return parts.filter(Boolean).join('\n\n');
}

const machineText = ({ cpu, processors, memoryGb, os, node, date, commit }: Machine, form: Results['form']): string =>
  `${form === 'short' ? 'Short form, which tells nothing about time. ' : ''}${cpu}, ${processors} processors, ${memoryGb} GB, ${os}, Node ${node}, ${date}, commit ${commit}.`;
