import { attemptName } from './ledger.ts';
import { keyId, keyRecord, NONE, secretAt } from './row.ts';
import type { Turn } from './turn.ts';

// Inputs of transitions: the key and the attempt that an actor works on.

export const ofAttempt = ({ world, me }: Turn) => ({ attempt: attemptName(world, me.attempt) });
const problem = { type: 'outcome-unknown', detail: '' } as const;
export const ended = (t: Turn) => ({ ...ofAttempt(t), problem });
export const ofKey = (t: Turn) => ({ ...ofAttempt(t), keyId: keyId(t.me.key) });
export const ofVended = (t: Turn) => ({ ...ofKey(t), key: keyRecord(t.me.key), secret: secretAt(t.me.version) });
export const toCompensate = (t: Turn) => ({
  ...ofKey(t),
  problem,
  ...(t.me.version !== NONE && { secret: secretAt(t.me.version) }),
});
