import { TRANSITIONS } from '../../src/vending/model/transitions.ts';
import { isActorRule, type Rule, type Rules, rulesWithout } from './rules.ts';

/** Deeds of people who have rights in Confluent, in the vault or in the table. */
export type Mischief = 'delete keys' | 'replace tags' | 'copy tags' | 'set versions' | 'forge tags' | 'forge rows';

/** The actors of a scenario, and how much may go wrong. */
export interface Bounds {
  readonly vends?: number;
  /** One worker for each: the number of its request key, 1 or 2. The same number is the same request, sent again. */
  readonly rotations?: readonly number[];
  readonly revocations?: number;
  /** How often somebody ends the overlap early. */
  readonly ends?: number;
  readonly reconcilers?: number;
  readonly operator?: boolean;
  /** A second credential wants the name. */
  readonly second?: boolean;
  /** Errors, lost answers, late effects, deeds of strangers, lost rows. Crashes are free: anybody may die anywhere. */
  readonly faults?: number;
  /** The most attempts. */
  readonly attempts?: number;
  readonly have?: 'nothing' | 'current' | 'previous';
  /**
   * `kept`: what was sent has landed, or never will, when lease and settling time are over.
   * `none`: no clock helps. Only what must hold even then is asked for.
   */
  readonly clock?: 'kept' | 'none';
  /** The settling time is shorter than the time for which a new key may be invisible. */
  readonly youth?: boolean;
  readonly strangers?: readonly Mischief[];
  /** The first key expires, and policy says that this revokes. */
  readonly expiry?: boolean;
  /** From some time on Confluent answers 403, or the vault is gone. */
  readonly outage?: 'confluent' | 'vault';
  /** Once, while nothing is under way, the row is gone, or goes back to the beginning. `midway`: it is gone at any time. */
  readonly lost?: 'gone' | 'back' | 'midway';
  /** An operator overlooks a key, and may correct that. */
  readonly errs?: boolean;
  /** Policy gives the second attempt another secret name. */
  readonly moves?: boolean;
}

export interface Setting extends Required<Omit<Bounds, 'outage' | 'lost'>> {
  readonly outage: Bounds['outage'];
  readonly lost: Bounds['lost'];
  /** Which rules of the actors hold. */
  readonly rules: Rules;
  /** By transition: the conditions of the table that are left out. */
  readonly without: ReadonlyMap<object, ReadonlySet<string>>;
  readonly isTableWhole: boolean;
}

const DEFAULTS = {
  vends: 0,
  rotations: [],
  revocations: 0,
  ends: 0,
  reconcilers: 1,
  operator: false,
  second: false,
  faults: 1,
  attempts: 2,
  have: 'nothing',
  clock: 'kept',
  youth: false,
  strangers: [],
  expiry: false,
  outage: undefined,
  lost: undefined,
  errs: false,
  moves: false,
} as const satisfies Omit<Setting, 'rules' | 'without' | 'isTableWhole'>;

/** @param off rules that are left out: rules of the actors, and conditions of the table by name. */
export function settingOf(bounds: Bounds, off: readonly Rule[] = []): Setting {
  const conditions = off.filter((name) => !isActorRule(name));
  const without = new Map(
    Object.entries(TRANSITIONS).map(([name, transition]) => [transition, new Set(conditionsOf(name, conditions))]),
  );
  return { ...DEFAULTS, ...bounds, rules: rulesWithout(off), without, isTableWhole: conditions.length === 0 };
}

/** `transition.condition` is left out of one transition, `condition` of all. */
const conditionsOf = (transition: string, off: readonly string[]): readonly string[] =>
  off
    .filter((name) => !name.includes('.') || name.startsWith(`${transition}.`))
    .map((name) => name.split('.').at(-1) ?? '');

export function boundsOf(setting: Setting): string {
  const count = (n: number, what: string): readonly string[] => (n === 0 ? [] : [`${n} ${what}`]);
  return [
    ...count(setting.vends, 'vend'),
    ...count(setting.rotations.length, 'rotate'),
    ...count(setting.revocations, 'revoke'),
    ...count(setting.ends, 'end of the overlap'),
    ...count(setting.reconcilers, 'reconciler'),
    ...count(Number(setting.operator), 'operator'),
    ...count(Number(setting.second), 'other credential'),
    ...(setting.strangers.length === 0 ? [] : [`strangers ${setting.strangers.join(', ')}`]),
    `${setting.faults} faults`,
    `${setting.attempts} attempts`,
  ].join(', ');
}
