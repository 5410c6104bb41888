import { createHash } from 'node:crypto';
import { keyVaultReference } from '../answers/result.ts';
import type { Problem } from '../model/problems.ts';
import { problemOf, type VendedIntent } from '../saga/outcome.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { eventOf } from './outgoing.ts';

const UNTOLD = problemOf('queue-unavailable', 'The event that the secret expired could not be published.');

/** Expiry changes no state of ours, so nothing but the hint keeps its event. @returns why it has to come again. */
export async function tellExpired({ events, log }: SagaPorts, intent: VendedIntent): Promise<Problem | undefined> {
  if (events === undefined) return undefined;
  const { id: requestId, attempt, caller, target, vaultUrl, secretName, expiresOn, state } = intent;
  const told = await events.publish(
    eventOf({
      kind: 'expired',
      eventId: createHash('sha256').update(`expired ${state.secret.id}`).digest('hex'),
      time: Date.parse(expiresOn ?? ''),
      requestId,
      attempt,
      caller,
      target,
      vaultUrl,
      secretName,
      apiKeyId: state.key.id,
      secretId: state.secret.id,
      keyVaultReference: keyVaultReference(vaultUrl, secretName),
      ...(expiresOn === undefined ? {} : { expiresOn }),
    }),
  );
  if (told.kind === 'published') return undefined;
  log({ level: 'warn', event: 'event-not-published', requestId, upstream: told.upstream });
  return UNTOLD;
}
