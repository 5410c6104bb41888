import { keyVaultReference } from '../answers/result.ts';
import type { Intent, IntentState, PendingEvent } from '../intent.ts';
import { markerOf } from '../model/idempotency.ts';
import { type EventDescription, eventOf } from './outgoing.ts';
import type { OutgoingEvent } from './outgoing-schema.ts';

/** What a change of state is worth telling of; undefined where it is a step on the way. */
export function pendingEventOf(before: IntentState | undefined, after: Intent, at: number): PendingEvent | undefined {
  const { state, attempt, writeId: id } = after;
  if (before?.kind === state.kind) return undefined;
  switch (state.kind) {
    case 'vended': {
      const kind = after.supersedes === undefined ? 'vended' : 'rotated';
      return { kind, id, at, attempt, apiKeyId: state.key.id, secretId: state.secret.id };
    }
    case 'revoked':
      return { kind: 'revoked', id, at, attempt, apiKeyId: after.earlierKeys.at(-1) ?? '', secretId: state.secret.id };
    case 'unknown':
      return { kind: 'orphaned', id, at, attempt, ...(state.keyId === undefined ? {} : { apiKeyId: state.keyId }) };
    case 'failed':
      return { kind: 'failed', id, at, attempt, problem: state.problem.type };
    default:
      return undefined;
  }
}

export const pendingEventToTell = (intent: Intent, pending: PendingEvent): OutgoingEvent =>
  eventOf(descriptionOf(intent, pending));

function descriptionOf(intent: Intent, pending: PendingEvent): EventDescription {
  const { id: requestId, caller, target, vaultUrl, secretName, expiresOn, supersedes } = intent;
  const { id: eventId, at: time, attempt } = pending;
  const common = { eventId, time, requestId, attempt, caller, target, vaultUrl, secretName };
  const reference = keyVaultReference(vaultUrl, secretName);
  const expiry = expiresOn === undefined ? {} : { expiresOn };
  switch (pending.kind) {
    case 'vended':
    case 'rotated': {
      const { kind, apiKeyId, secretId } = pending;
      const replaced = supersedes === undefined ? {} : { supersedes: supersedes.intentId };
      const overlap = supersedes === undefined ? {} : { revokeAt: time + supersedes.overlapMs };
      const stored = { ...common, apiKeyId, secretId, keyVaultReference: reference, ...expiry, ...replaced };
      return kind === 'vended' ? { kind, ...stored } : { kind, ...stored, ...overlap };
    }
    case 'revoked': {
      const { kind, apiKeyId, secretId } = pending;
      const successor = 'successor' in intent.state ? intent.state.successor : undefined;
      return { kind, ...common, apiKeyId, secretId, ...(successor === undefined ? {} : { supersededBy: successor }) };
    }
    case 'orphaned': {
      const { kind, apiKeyId } = pending;
      return {
        kind,
        ...common,
        marker: markerOf(requestId, attempt),
        ...(apiKeyId === undefined ? {} : { apiKeyId }),
      };
    }
    case 'failed':
      return { kind: 'failed', ...common, problem: pending.problem };
  }
}
