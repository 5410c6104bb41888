/**
 * Explores the model. `npm run model` takes minutes; see README.md for the modes and what they show.
 */

import { runCommand, UsageError } from '../../src/sandbox/kit/command.ts';
import { DEEP } from './deep-scenarios.ts';
import { type Exploration, explore } from './explore.ts';
import { COURTESIES, PROOFS, TOGETHER } from './proofs.ts';
import { type Rule, textOf } from './rules.ts';
import { QUICK, type Scenario } from './scenarios.ts';
import { boundsOf, settingOf } from './setting.ts';

const USAGE = `Usage: npm run model -- [quick | rules | deep | <title of a scenario> | without <rule>]
Explores the table of transitions. test/model/README.md says what each mode shows.`;

const begun = Date.now();
let states = 0;
let unexpected = 0;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const count = (n: number): string => n.toLocaleString('en');

function show(says: string, found: Exploration, expected: Exploration['verdict'], withTrace: boolean): void {
  const isExpected = found.verdict === expected;
  states += found.states;
  if (!isExpected) unexpected++;
  console.log(
    `${found.verdict.padEnd(10)} ${says}  [${count(found.states)} states, ${seconds(found.ms)}]${isExpected ? '' : '  <-- UNEXPECTED'}`,
  );
  if (found.ends.size > 0 && withTrace)
    console.log(`           ends: ${[...found.ends].map(([end, n]) => `${end} ${n}`).join(', ')}`);
  for (const what of found.broken) console.log(`           ${what}`);
  if (withTrace || !isExpected)
    for (const [n, step] of found.trace.entries()) console.log(`           ${String(n + 1).padStart(2)}. ${step}`);
}

function hold(scenarios: readonly Scenario[]): void {
  for (const [title, bounds] of scenarios)
    show(`${title} (${boundsOf(settingOf(bounds))})`, explore(bounds), 'clean', scenarios.length === 1);
}

function without(rules: readonly Rule[], title: string | undefined, withTrace: boolean): void {
  const bounds = scenarioOf(title ?? '')?.[1];
  if (bounds === undefined) throw new UsageError(`No scenario is known that needs ${rules.join()}.`);
  const says = rules.map((rule) => `${rule} (${textOf(rule)})`).join(' and ');
  show(`without ${says}: ${title ?? ''}`, explore(bounds, rules), 'violation', withTrace);
}

/** Every proof, or those of one rule with their traces. */
function prove(rule?: Rule): void {
  const alone = Object.entries(PROOFS).map(([name, title]) => [[name], title] as const);
  for (const [rules, title] of [...alone, ...TOGETHER])
    if (rule === undefined || rules.includes(rule)) without(rules, title, rule !== undefined);
  for (const [name, reason] of Object.entries(COURTESIES))
    if (rule === undefined || rule === name) console.log(`not needed ${name} (${textOf(name)}): ${reason}`);
}

/** @throws {UsageError} for what is no mode */
function run(mode: string, rule: string | undefined): void {
  switch (mode) {
    case 'quick':
      hold(QUICK);
      return;
    case 'deep':
      hold(DEEP);
      return;
    case 'rules':
      prove();
      return;
    case 'without':
      prove(rule);
      return;
    default: {
      const scenario = scenarioOf(mode);
      if (scenario === undefined) throw new UsageError(`No mode and no scenario is called ${JSON.stringify(mode)}.`);
      hold([scenario]);
    }
  }
}

const ALL: readonly Scenario[] = [...QUICK, ...DEEP];
const scenarioOf = (title: string): Scenario | undefined => ALL.find(([name]) => name === title);

await runCommand(USAGE, async ([mode = 'quick', rule]) => {
  run(mode, rule);
  console.log(`${count(states)} states, ${seconds(Date.now() - begun)}, ${unexpected} results other than expected`);
  return unexpected === 0 ? 0 : 1;
});
