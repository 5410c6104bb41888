/**
 * A model of the saga: every interleaving of workers, reconcilers and an operator on one intent, with crashes anywhere,
 * errors, lost answers and effects that land late. It shows what the obvious version does, what each rule is for, and
 * that the design holds within the bounds that it prints.
 *
 * To read it: `table.ts` (what the ledger may show), `rules.ts`, `world.ts`, then the actors (`worker.ts` and
 * `record.ts`, `compensate.ts`, `reconciler.ts`, `operator.ts`, `network.ts`), `invariants.ts`, `explore.ts`.
 *
 * Not in it: the secret itself, time in seconds, more than one intent, chosen names, retention, the clearing of due rows;
 * and an operator is believed to look well in Confluent. Beyond the bounds that it prints, nothing was looked at.
 *
 * `--quick` takes seconds, `--deep` minutes.
 */
import { type Exploration, explore } from './explore.ts';
import { saysOf } from './invariants.ts';
import { RULE_NAMES } from './rules.ts';
import {
  DESIGN_DEEP,
  DESIGN_FULL,
  DESIGN_QUICK,
  type Harmful,
  OBVIOUS_VERSION,
  type Scenario,
  WITHOUT_ONE_RULE,
} from './scenarios.ts';
import { boundsOf } from './setting.ts';
import { TABLE } from './table.ts';

const MOST_STATES = 14_000_000;
const DESIGNS: Readonly<Record<string, readonly Scenario[]>> = {
  '--quick': DESIGN_QUICK,
  '--full': [...DESIGN_QUICK, ...DESIGN_FULL],
  '--deep': [...DESIGN_QUICK, ...DESIGN_FULL, ...DESIGN_DEEP],
};

const [flag = '--full'] = process.argv.slice(2);
const designs = DESIGNS[flag];
if (designs === undefined) throw new Error(`Usage: main.ts [${Object.keys(DESIGNS).join(' | ')}]`);

const begun = Date.now();
const count = (states: number): string => states.toLocaleString('en');
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function show({ title, setting }: Scenario, found: Exploration, asExpected: boolean): void {
  console.log(`${found.verdict.padEnd(10)} ${title}${asExpected ? '' : '   <-- UNEXPECTED'}`);
  console.log(`    within ${boundsOf(setting)}: ${count(found.states)} states, ${seconds(found.ms)}`);
  if (found.verdict === 'clean') console.log(`    ends in ${[...found.ends].join(', ')}`);
  for (const what of found.broken) console.log(`    BROKEN: ${what}`);
  for (const [at, step] of found.trace.entries()) console.log(`    ${String(at + 1).padStart(2)}. ${step}`);
}

/** @returns whether the search came out as it must. */
function breaks(scenario: Harmful): boolean {
  const found = explore(scenario.setting, { states: MOST_STATES, table: false });
  const asExpected = found.broken.includes(saysOf(scenario.breaks));
  show(scenario, found, asExpected);
  return asExpected;
}

function holds(scenario: Scenario): Exploration {
  const found = explore(scenario.setting, { states: MOST_STATES, table: true });
  show(scenario, found, found.verdict === 'clean');
  return found;
}

console.log('== The obvious version');
const obvious = OBVIOUS_VERSION.map(breaks);
console.log('\n== What each rule is for: the design without it');
const needed = WITHOUT_ONE_RULE.map(breaks);
console.log('\n== The design');
const held = designs.map(holds);

const taken = new Set(held.flatMap((found) => [...found.taken]));
const left = TABLE.filter((row) => !taken.has(row)).map(({ when }) => when);
const states = held.reduce((sum, found) => sum + found.states, 0);
const asExpected = [...obvious, ...needed, ...held.map(({ verdict }) => verdict === 'clean')];
const wrong = asExpected.filter((good) => !good).length;
console.log(`
${needed.filter(Boolean).length} of ${RULE_NAMES.length} rules shown to be needed; the design explored in ${count(states)} states
${taken.size} of ${TABLE.length} rows of the table taken; left out: ${left.join('; ')}
${seconds(Date.now() - begun)}, ${wrong} results other than expected`);
process.exitCode = wrong === 0 ? 0 : 1;
