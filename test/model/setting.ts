import { ALL_RULES, type Rules } from './rules.ts';

/** What a search goes by, and its bounds. */
export interface Setting {
  readonly rules: Rules;
  readonly workers: number;
  readonly reconcilers: number;
  readonly operator: boolean;
  /** Errors, lost answers and late effects in all. Crashes are not counted: anybody may die anywhere. */
  readonly faults: number;
  readonly attempts: number;
  /** `kept`: leases are looked at, and what was sent lands before the settling time ends. `none`: no clock helps. */
  readonly timing: 'kept' | 'none';
  /** The secret's name is in use already: consumers read its newest version all the while. */
  readonly rotation: boolean;
  /** Somebody else deletes keys in Confluent; each one counts as a fault. */
  readonly stranger: boolean;
  /** Somebody asks for the revocation of what the modelled intent vended, or of what the rotation replaces. */
  readonly revokes: 'nothing' | 'vended' | 'old';
}

const USUAL: Setting = {
  rules: ALL_RULES,
  workers: 2,
  reconcilers: 1,
  operator: true,
  faults: 1,
  attempts: 2,
  timing: 'kept',
  rotation: false,
  stranger: false,
  revokes: 'nothing',
};

export const settingOf = (setting: Partial<Setting>): Setting => ({ ...USUAL, ...setting });

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** The bounds in words. */
export function boundsOf(setting: Setting): string {
  const { workers, reconcilers, operator, faults, attempts, timing, rotation, stranger, revokes } = setting;
  return [
    counted(workers, 'worker'),
    counted(reconcilers, 'reconciler'),
    ...(operator ? ['1 operator'] : []),
    counted(faults, 'fault'),
    counted(attempts, 'attempt'),
    timing === 'kept' ? 'leases kept' : 'no clock to rely on',
    ...(rotation ? ['rotation'] : []),
    ...(revokes === 'nothing' ? [] : [`a revocation of the ${revokes} key`]),
    ...(stranger ? ['a stranger deletes keys'] : []),
  ].join(', ');
}
