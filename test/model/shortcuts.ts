import type { Rules } from './rules.ts';
import type { Step } from './world.ts';

type Shortcuts = Readonly<Partial<Record<Step, Step>>>;

/** What a worker does that loses a compare-and-set and does not look why. */
const LOST: Shortcuts = {
  claimAttempt: 'vend',
  nothingMinted: 'done',
  park: 'done',
  recordMinted: 'deleteUnstored',
  giveUpKey: 'deleteUnstored',
  abandonStore: 'deleteUnstored',
  recordVended: 'deleteUnstored',
};

/** Where its steps go when a rule is taken away; undefined where they go as designed. */
export const onLost = (rules: Rules, step: Step): Step | undefined => (rules.loserRereads ? undefined : LOST[step]);

export function onUnanswered(rules: Rules, step: Step): Step | undefined {
  if (step === 'claimAttempt' && !rules.confirmClaim) return 'checkOld';
  return step === 'recordVended' && !rules.confirmVended ? 'answer' : undefined;
}

export const onSilence = (rules: Rules, step: Step): Step | undefined =>
  step === 'recordVended' && !rules.noDeleteAfterStore ? 'deleteUnstored' : undefined;
