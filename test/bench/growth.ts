/**
 * `node test/bench/growth.ts [--finished N,N] [--repetitions N]`: what a run of the reconciler, a request and a page of a list
 * cost while the ledger grows.
 */
import { parseArgs } from 'node:util';
import { scaleTable } from './report/others.ts';
import { measureScale } from './scale.ts';

const { values } = parseArgs({
  options: {
    finished: { type: 'string', default: '10000,1000000' },
    repetitions: { type: 'string', default: '20' },
  },
});
const finished = values.finished.split(',').map(Number);
console.log(scaleTable(await measureScale({ finished, open: 48, repetitions: Number(values.repetitions) })));
