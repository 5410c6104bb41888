import type { RotationAnswer } from '../answers/credential.ts';
import type { Preview } from '../answers/preview.ts';
import type { Credential } from '../model/credential.ts';
import { PROBLEMS, type Problem, type ProblemType } from '../model/problems.ts';
import type { SpanAttributes } from '../ports/telemetry.ts';

/** The outcome of a command, whatever its transport. */
export type Outcome =
  | {
      readonly kind: 'vended';
      readonly credential: Credential;
      /** It was done before: this answer repeats it. */
      readonly replayed: boolean;
      /** Of a rotation: what it made. */
      readonly rotation?: RotationAnswer;
    }
  /** The overlap of the key that was named is over, or its end has begun. */
  | { readonly kind: 'overlap-ended'; readonly credential: Credential }
  /** Nothing of the credential lives. */
  | { readonly kind: 'revoked'; readonly credential: Credential }
  /** It is being revoked. Ask again to see it proven. */
  | { readonly kind: 'revoking'; readonly credential: Credential; readonly retryAfterMs: number }
  | { readonly kind: 'previewed'; readonly preview: Preview }
  | Failed;

/** `attempt` is 0 where the request never claimed one. */
export interface Failed {
  readonly kind: 'problem';
  readonly id?: string;
  readonly attempt: number;
  readonly problem: Problem;
}

export const failed = (problem: Problem, id?: string, attempt = 0): Failed => ({
  kind: 'problem',
  attempt,
  problem,
  ...(id !== undefined && { id }),
});

/** What requests are counted by. */
export type OutcomeClass = 'vended' | 'replayed' | 'overlap-ended' | 'revoked' | 'revoking' | 'previewed' | ProblemType;

export function outcomeClassOf(outcome: Outcome): OutcomeClass {
  switch (outcome.kind) {
    case 'vended':
      return outcome.replayed ? 'replayed' : 'vended';
    case 'overlap-ended':
    case 'revoked':
    case 'revoking':
    case 'previewed':
      return outcome.kind;
    case 'problem':
      return outcome.problem.type;
  }
}

export function spanOfOutcome(outcome: Outcome): SpanAttributes {
  const result = { outcome: outcomeClassOf(outcome) };
  switch (outcome.kind) {
    case 'vended':
    case 'overlap-ended':
    case 'revoked':
    case 'revoking':
      return { ...result, credentialId: outcome.credential.id, attempt: outcome.credential.attempts };
    case 'previewed':
      return { ...result, credentialId: outcome.preview.id };
    case 'problem': {
      const { id, attempt, problem } = outcome;
      const failure = { ...result, attempt, failed: PROBLEMS[problem.type].status >= 500 };
      return id === undefined ? failure : { ...failure, credentialId: id };
    }
  }
}
