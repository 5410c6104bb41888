import type * as z from 'zod';
import type { Credential } from '../model/credential.ts';
import { markerOf } from '../model/idempotency.ts';
import { iso } from '../model/timings.ts';
import type { TransitionName } from '../model/transitions.ts';
import { keyVaultReference } from '../secret/naming.ts';
import { EVENT_SOURCE, type EventKind, eventDataSchemas, eventTypeOf, type OutgoingEvent } from './outgoing-schema.ts';

type DataOf<Kind extends EventKind> = z.infer<(typeof eventDataSchemas)[Kind]>;
type Description = { [Kind in EventKind]: { readonly kind: Kind; readonly data: DataOf<Kind> } }[EventKind];

/** A commit that changed a credential. */
export interface CommittedChange {
  readonly change: TransitionName;
  readonly before: Credential | undefined;
  readonly after: Credential;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The CloudEvents that a commit is worth; none where it is a step on the way. */
export const eventsOf = (happened: CommittedChange): readonly OutgoingEvent[] =>
  describe(happened).map(({ kind, data }, part) => ({
    specversion: '1.0',
    // The same whenever this event is published again, and no other event's.
    id: `${happened.after.writeId}.${part}`,
    source: EVENT_SOURCE,
    type: eventTypeOf(kind),
    subject: happened.after.id,
    time: iso(happened.at),
    datacontenttype: 'application/json',
    data: eventDataSchemas[kind].parse(data),
  }));

function describe({ change, before, after }: CommittedChange): readonly Description[] {
  const common = commonOf(after);
  switch (change) {
    case 'recordVended':
    case 'recoverVended':
    case 'resolveAsVended':
      return vended(common, after);
    case 'recordUnknown':
    case 'recoverUnknown':
      return after.work === undefined
        ? []
        : [{ kind: 'orphaned', data: { ...common, marker: markerOf(after.id, after.work) } }];
    case 'recordNotMinted':
    case 'recordCompensated':
    case 'resolveWithoutKey':
      return failed(common, before, after);
    case 'wordGone':
      return before?.work?.phase === 'compensating' && after.work === undefined
        ? failed(common, before, after)
        : revoked(common, before, after);
    case 'recordOverlapEnded':
    case 'recordRevoked':
      return revoked(common, before, after);
    case 'noteExpiry':
      return expired(common, after);
    case 'claimVend':
    case 'claimRotation':
    case 'recordMinted':
    case 'discardKey':
    case 'recoverDiscarded':
    case 'resolveWithKey':
    case 'correctNone':
    case 'insertRecovered':
    case 'endOverlapNow':
    case 'revoke':
    case 'takeUpFoundKey':
    case 'wordNothingLeft':
    case 'noteRotationAsked':
    case 'scheduleRotation':
    case 'recordSwept':
    case 'recordReadersLost':
    case 'backOff':
      return [];
  }
}

type Common = Pick<
  DataOf<'failed'>,
  'credentialId' | 'sequence' | 'attempt' | 'caller' | 'target' | 'vaultUrl' | 'secretName'
>;

const commonOf = ({ id, sequence, work, attempts, caller, target, vaultUrl, secretName }: Credential): Common => ({
  credentialId: id,
  sequence,
  attempt: work?.attempt ?? attempts,
  caller,
  target,
  vaultUrl,
  secretName,
});

function storedOf({ vaultUrl, secretName, current }: Credential) {
  if (current === undefined) return undefined;
  return {
    apiKeyId: current.key.id,
    secretId: current.secret.id,
    keyVaultReference: keyVaultReference(vaultUrl, secretName),
    ...(current.expiresOn !== undefined && { expiresOn: iso(current.expiresOn) }),
  };
}

function vended(common: Common, after: Credential): readonly Description[] {
  const stored = storedOf(after);
  const { previous } = after;
  if (stored === undefined) return [];
  if (previous === undefined) return [{ kind: 'vended', data: { ...common, ...stored } }];
  const replaced = { replacedApiKeyId: previous.keyId, revokeAt: iso(previous.revokeAt) };
  return [{ kind: 'rotated', data: { ...common, ...stored, ...replaced } }];
}

/** A credential that is being revoked has nobody who waits for its attempt. */
function failed(
  common: Common,
  before: Credential | undefined,
  { failure, revocation }: Credential,
): readonly Description[] {
  if (failure === undefined || revocation !== undefined) return [];
  const { keyId, attempt = common.attempt } = before?.work ?? {};
  const data = { ...common, attempt, problem: failure.problem.type, ...(keyId !== undefined && { apiKeyId: keyId }) };
  return [{ kind: 'failed', data }];
}

function revoked(common: Common, before: Credential | undefined, after: Credential): readonly Description[] {
  const { current } = after;
  const left = [current?.key.id, after.previous?.keyId];
  const keys = [
    ...(before?.current === undefined ? [] : [{ id: before.current.key.id, secretId: before.current.secret.id }]),
    ...(before?.previous === undefined ? [] : [{ id: before.previous.keyId, secretId: before.previous.secret.id }]),
  ];
  return keys
    .filter(({ id }) => !left.includes(id))
    .map(({ id, secretId }) => ({
      kind: 'revoked' as const,
      data: { ...common, apiKeyId: id, secretId, ...(current !== undefined && { replacedBy: current.key.id }) },
    }));
}

function expired(common: Common, after: Credential): readonly Description[] {
  const stored = storedOf(after);
  if (stored === undefined) return [];
  return [{ kind: 'expired', data: { ...common, ...stored, willBeRevoked: after.revocation !== undefined } }];
}
