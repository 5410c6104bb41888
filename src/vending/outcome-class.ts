import type { Outcome } from './command.ts';
import { PROBLEMS, type ProblemType } from './model/problems.ts';
import type { SpanAttributes } from './ports/telemetry.ts';

/** What requests are counted by. */
export type OutcomeClass = 'vended' | 'replayed' | 'revoked' | 'previewed' | ProblemType;

export function outcomeClassOf(outcome: Outcome): OutcomeClass {
  switch (outcome.kind) {
    case 'vended':
      return outcome.replayed ? 'replayed' : 'vended';
    case 'revoked':
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
      return { ...result, requestId: outcome.intent.id, attempt: outcome.intent.attempt };
    case 'revoked':
      return { ...result, requestId: outcome.intent.id };
    case 'previewed':
      return { ...result, requestId: outcome.preview.requestId };
    case 'problem': {
      const { requestId, attempt, problem } = outcome;
      return { ...result, requestId, attempt, failed: PROBLEMS[problem.type].status >= 500 };
    }
  }
}

/** Of whatever either goes on or is refused with a problem. */
export const spanOfAdmission = (
  admission: { readonly kind: 'admitted' | 'rotated-before' } | Extract<Outcome, { kind: 'problem' }>,
): SpanAttributes => (admission.kind === 'problem' ? spanOfOutcome(admission) : { outcome: admission.kind });
