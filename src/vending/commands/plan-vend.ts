import type { Caller } from '../model/caller.ts';
import type { Credential } from '../model/credential.ts';
import { credentialIdOf, type IdempotencyKey, markerOf } from '../model/idempotency.ts';
import {
  CLEANING_UP,
  type FieldError,
  IN_PROGRESS,
  invalidRequest,
  outcomeUnknown,
  PAUSED,
  PROBLEMS,
  type Problem,
  type ProblemSummary,
  problemOf,
  REVOKED,
} from '../model/problems.ts';
import type { Target } from '../model/resources.ts';
import type { CredentialDraft } from '../model/transitions.ts';
import { decide, type Grant, type VendSettings } from '../policy/policy.ts';
import { hashRequest, resolveTarget, type VendRequest, validForMs } from '../request/request.ts';
import { checkChosenName, defaultSecretName } from '../secret/naming.ts';

export interface VendCommand {
  readonly caller: Caller;
  readonly key: IdempotencyKey;
  readonly request: VendRequest;
}

/** The plan for a request for a first key. The plan is pure: `validateOnly` prints it, the real call executes it. */
export type VendPlan =
  | { readonly kind: 'replay' }
  | { readonly kind: 'refuse'; readonly problem: Problem }
  /** The key of an earlier attempt has to be deleted first. */
  | { readonly kind: 'compensate' }
  | { readonly kind: 'attempt'; readonly draft: CredentialDraft; readonly grant: Grant; readonly expiresOn?: number };

/** `@azure/keyvault-secrets` 4.12.0 writes a date with a 32-bit operator, so a later one arrives negative. */
const LAST_EXPIRY = Date.parse('2038-01-19T03:14:07Z');

const FORBIDDEN = problemOf(
  'forbidden',
  'No rule of the policy lets this caller have a key for this target. If an app role was assigned within the last day: the token of a managed identity keeps its roles for up to 24 hours.',
);
const REUSED = problemOf('idempotency-key-reused', 'This idempotency key belongs to a request with other contents.');

/** @param row the credential of this idempotency key; undefined where there is none, as far as is known. */
export function planVend(
  settings: VendSettings,
  command: VendCommand,
  row: Credential | undefined,
  now: number,
): VendPlan {
  const { caller, request, key } = command;
  if (row === undefined) {
    const resolved = resolveTarget(request, settings.targetDefaults);
    if (resolved.kind === 'invalid') return refuse(invalidRequest(resolved.errors));
    return planAttempt(settings, command, resolved.value, undefined, now);
  }
  if (row.requestHash !== hashRequest(request)) return refuse(REUSED);
  // A known credential is authorized again, for the target that it was resolved to then.
  if (decide(settings.policy, caller, row.target).kind === 'denied') return refuse(FORBIDDEN);
  if (row.revocation !== undefined) return refuse(REVOKED);
  if (row.current !== undefined) return { kind: 'replay' };
  switch (row.work?.phase) {
    case 'compensating':
      return { kind: 'compensate' };
    case 'minting':
    case 'minted':
      return refuse(IN_PROGRESS);
    case 'unknown':
      return refuse(outcomeUnknown(markerOf(row.id, row.work)));
    case undefined: {
      const { failure } = row;
      if (failure !== undefined && isFinal(key, failure.problem)) return refuse(failure.problem);
      const wait = (failure?.retryAt ?? 0) - now;
      // A pause outlasts it, and says that nothing is under way.
      if (failure !== undefined && wait > 0 && settings.mode === 'normal')
        return refuse({ ...failure.problem, retryAfterMs: wait });
      return planAttempt(settings, command, row.target, row, now);
    }
  }
}

/**
 * The id of a message, or of an event, names that alone. Its sender may have read of the failure and sent another one: to
 * mint for both would make two keys for one need.
 */
const isFinal = (key: IdempotencyKey, { type }: ProblemSummary): boolean =>
  type === 'owner-not-allowed' || (key.kind !== 'key' && !PROBLEMS[type].transient);

/** Every attempt goes to the target of the first. Where its secret goes and how long it is valid is up to policy today. */
function planAttempt(
  settings: VendSettings,
  { caller, key, request }: VendCommand,
  target: Target,
  row: Credential | undefined,
  now: number,
): VendPlan {
  const decision = decide(settings.policy, caller, target);
  if (decision.kind === 'denied') return refuse(FORBIDDEN);
  const { grant } = decision;
  const error = errorIn(request, grant);
  if (error !== undefined) return refuse(invalidRequest([error]));
  const id = credentialIdOf(caller.id, key);
  const validity = validityOf(request, grant);
  const draft: CredentialDraft = {
    id,
    caller: caller.id,
    requestHash: hashRequest(request),
    target,
    name: request.name,
    ...(request.description !== undefined && { description: request.description }),
    vaultUrl: grant.vaultUrl ?? settings.defaultVaultUrl,
    secretName: request.secretName ?? defaultSecretName(target.clusterId, request.name, id),
    secretFormat: request.secretFormat ?? 'secret',
    ...(validity !== undefined && { validForMs: validity }),
    grant: termsOf(grant),
  };
  const expiresOn = expiryOf(validity, now);
  if (expiresOn === 'too-late') return refuse(invalidRequest([TOO_LATE]));
  if (settings.mode !== 'normal') return refuse(PAUSED);
  const place =
    row?.sweepAt === undefined || isSamePlace(row, draft)
      ? undefined
      : { ...CLEANING_UP, retryAfterMs: Math.max(60_000, row.sweepAt - now) };
  if (place !== undefined) return refuse(place);
  return { kind: 'attempt', draft, grant, ...(expiresOn !== undefined && { expiresOn }) };
}

function errorIn(request: VendRequest, grant: Grant): FieldError | undefined {
  const asked = validForMs(request);
  if (asked !== undefined && grant.maxValidForMs !== undefined && asked > grant.maxValidForMs)
    return { pointer: '/validFor', detail: 'is longer than policy allows' };
  return request.secretName === undefined ? undefined : checkChosenName(request.secretName, grant);
}

const TOO_LATE: FieldError = {
  pointer: '/validFor',
  detail: 'must end before 2038-01-19, the latest expiry that can be stored',
};

/** Milliseconds. */
export const validityOf = (request: VendRequest, { maxValidForMs }: Grant): number | undefined =>
  validForMs(request) ?? maxValidForMs;

/** @returns milliseconds since the epoch */
export function expiryOf(validity: number | undefined, now: number): number | undefined | 'too-late' {
  if (validity === undefined) return undefined;
  return now + validity > LAST_EXPIRY ? 'too-late' : now + validity;
}

/** The terms of a grant that a credential keeps. */
export const termsOf = ({ rule, overlapMs, rotateEveryMs, revokeAtExpiry }: Grant): Credential['grant'] => ({
  rule,
  overlapMs,
  revokeAtExpiry,
  ...(rotateEveryMs !== undefined && { rotateEveryMs }),
});

const isSamePlace = (a: Credential, b: CredentialDraft): boolean =>
  a.vaultUrl === b.vaultUrl && a.secretName === b.secretName;

const refuse = (problem: Problem): VendPlan => ({ kind: 'refuse', problem });
