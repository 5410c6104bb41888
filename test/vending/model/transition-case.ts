import type { Credential } from '../../../src/vending/model/credential.ts';
import type { Moment } from '../../../src/vending/model/timings.ts';
import {
  apply,
  type Party,
  type Transition,
  transitionNameOf,
  type Unstamped,
} from '../../../src/vending/model/transitions.ts';
import { NOW, TIMINGS } from './credentials.ts';

/** One transition, a row that it is allowed on, and for each of its conditions something that breaks it. */
export interface TransitionCase {
  readonly name: string;
  readonly conditions: readonly string[];
  readonly tried: readonly string[];
  readonly parties: readonly Party[];
  result(by: Party): ReturnType<typeof apply>;
  refusal(condition: string): ReturnType<typeof apply>;
  /** The same with the condition left out. */
  unguarded(condition: string): ReturnType<typeof apply>;
}

interface Spec<Input> {
  readonly by: Party;
  /** Absent: the row was lost. */
  readonly row?: Credential;
  readonly input: Input;
  readonly now?: number;
  /** For each condition something that breaks it alone. */
  readonly broken: Readonly<Record<string, { row?: Credential; input?: Input; now?: number }>>;
}

export function caseOf<Input>(
  transition: Transition<Input>,
  { by, row, input, now = NOW, broken }: Spec<Input>,
): TransitionCase {
  const moment = (at: number): Moment => ({ now: at, timings: TIMINGS });
  const tryWith = (condition: string, without?: ReadonlySet<string>) => {
    const change = broken[condition] ?? {};
    const at = { ...moment(change.now ?? now), by };
    return apply(transition, change.row ?? row, change.input ?? input, at, without);
  };
  return {
    name: transitionNameOf(transition),
    conditions: Object.keys(transition.requires),
    tried: Object.keys(broken),
    parties: transition.by,
    result: (party) => apply(transition, row, input, { ...moment(now), by: party }),
    refusal: (condition) => tryWith(condition),
    unguarded: (condition) => tryWith(condition, new Set([condition])),
  };
}

/** @throws where the table refuses it */
export function made<Input>(
  transition: Transition<Input>,
  row: Credential | undefined,
  input: Input,
  now = NOW,
): Unstamped {
  const by: Party = transition.by.includes('worker')
    ? 'worker'
    : transition.by.includes('operator')
      ? 'operator'
      : 'reconciler';
  const applied = apply(transition, row, input, { now, timings: TIMINGS, by });
  if (applied.kind === 'refused') throw new Error(applied.condition);
  return applied.row;
}
