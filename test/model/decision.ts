import type { Transition } from '../../src/vending/model/transitions.ts';
import { NONE } from './row.ts';
import type { Step } from './steps.ts';
import { allows, moveTo, type Patch, type Turn } from './turn.ts';
import type { Move } from './world.ts';

/** Decides, on the row as it is now. The commit is the next step. */
export const decides = (t: Turn, says: string, step: Step, patch: Patch = {}): Move =>
  moveTo(t, says, step, { isFresh: true, version: NONE, ...patch });

/** The same, where the table allows what it comes to. */
export function decidesIf<Input>(
  t: Turn,
  says: string,
  step: Step,
  patch: Patch,
  transition: Transition<Input>,
  input: (t: Turn) => Input,
): Move[] {
  const me = { ...t.me, version: NONE, ...patch };
  return allows(t, transition, input({ ...t, me })) ? [decides(t, says, step, patch)] : [];
}
