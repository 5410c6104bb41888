import { expect, it } from 'vitest';
import { PROBLEMS } from '../../src/vending/model/problems.ts';
import { infraFile } from './bicep/syntax.ts';
import { comparedWith } from './kusto.ts';

/** The answers to a delivery of events and to a recovery: these alerts count vends and rotations. */
const OF_OTHER_REQUESTS = ['queue-unavailable', 'not-settled'];

it.each(['failure-ratio', 'no-successful-vend'])('%s counts every problem that is on our side', (alert) => {
  const ours = Object.entries(PROBLEMS).flatMap(([type, { status }]) => (status >= 500 ? [type] : []));
  const counted = comparedWith(infraFile(`alerts/${alert}.kql`), 'problem');
  expect(new Set([...counted, ...OF_OTHER_REQUESTS])).toEqual(new Set(ours));
});
