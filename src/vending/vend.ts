import { type PreviewOutcome, previewOf, standingOf } from './answers/preview.ts';
import { attemptOnce } from './attempt.ts';
import { draftIntent } from './draft.ts';
import type { Intent } from './intent.ts';
import { type IdempotencyKey, intentIdOf } from './model/idempotency.ts';
import { PROBLEMS, type Problem, type ProblemSummary } from './model/problems.ts';
import type { Target } from './model/target.ts';
import { spanOfAdmission } from './outcome-class.ts';
import { decide, type Grant, type Policy } from './policy/policy.ts';
import type { Caller } from './ports/callers.ts';
import { inSpan } from './ports/in-span.ts';
import type { LedgerRow } from './ports/ledger.ts';
import { hashRequest, resolveTarget, type TargetDefaults, type VendRequest } from './request/request.ts';
import { resume } from './resume.ts';
import type { NamedDraft } from './saga/claim.ts';
import { failedWith, problemOf, type VendOutcome } from './saga/outcome.ts';
import type { SagaPorts } from './saga/ports.ts';
import { lookUpName } from './saga/preflight.ts';

export interface VendCommand {
  readonly caller: Caller;
  readonly key: IdempotencyKey;
  readonly request: VendRequest;
}

/** `paused` and `revoke-only` mint nothing new; what was vended is answered, what is open goes on. */
export type Mode = 'normal' | 'paused' | 'revoke-only';

export interface VendSettings {
  readonly mode: Mode;
  readonly policy: Policy;
  readonly targetDefaults: TargetDefaults;
  readonly defaultVaultUrl: string;
}

/** What one request runs with. */
interface Vend {
  readonly ports: SagaPorts;
  readonly settings: VendSettings;
  readonly command: VendCommand;
  readonly grant: Grant;
}

export const PAUSED = problemOf('paused', 'The operators of this service have paused it; try again later.', 60_000);
const FORBIDDEN = problemOf('forbidden', 'No rule of the policy lets this caller have a key for this target.');
const LEDGER_SILENT = problemOf('ledger-unavailable', 'The ledger did not answer; nothing was minted.');
const REUSED = problemOf('idempotency-key-reused', 'This idempotency key belongs to a request with other contents.');

/**
 * Vends one key for one request, or says what became of it before.
 *
 * However often and wherever the same idempotency key is asked for, at most one key lives for it, and `vended` is
 * answered only when ledger and vault both have it.
 */
export async function vend(ports: SagaPorts, settings: VendSettings, command: VendCommand): Promise<VendOutcome> {
  const admitted = await admit(ports, settings, command);
  if (admitted.kind === 'problem') return admitted;
  const { grant, target, row } = admitted;
  const vending = { ports, settings, command, grant };
  if (row === undefined) return attempt(vending, target, undefined);
  return resume({ ports, again: (failed, state) => tryAgain(vending, failed, state) }, row);
}

/** The same up to the first effect: nothing is minted, nothing is written. */
export async function previewVend(
  ports: SagaPorts,
  settings: VendSettings,
  command: VendCommand,
): Promise<PreviewOutcome> {
  const admitted = await admit(ports, settings, command);
  if (admitted.kind === 'problem') return admitted;
  const { grant, target, row } = admitted;
  const standing = row === undefined ? 'again' : standingOf(row.intent);
  if (row !== undefined && standing === 'replay') return previewOf('vend', 'replay', row.intent);
  const obstacle = typeof standing === 'object' ? standing : obstacleToAgain(command, row);
  const before = { id: admitted.id, attempt: row?.intent.attempt ?? 0 };
  if (obstacle !== undefined) return failedWith(before, obstacle);
  const drafted = draft({ ports, settings, command, grant }, target);
  if (drafted.kind === 'refused') return failedWith(before, drafted.problem);
  const taken = drafted.named.naming === 'chosen' ? await lookUpName(ports, drafted.named) : undefined;
  return taken === undefined ? previewOf('vend', 'mint', drafted.named.draft) : failedWith(before, taken);
}

type Refusal = Extract<VendOutcome, { kind: 'problem' }>;

type Admission =
  | {
      readonly kind: 'admitted';
      readonly id: string;
      readonly grant: Grant;
      readonly target: Target;
      readonly row: LedgerRow | undefined;
    }
  | Refusal;

const admit = (ports: SagaPorts, settings: VendSettings, command: VendCommand): Promise<Admission> =>
  inSpan(ports, 'authorize', {}, () => authorize(ports, settings, command), spanOfAdmission);

/** A request that the ledger knows is authorized again, for the target that it was resolved to then. */
async function authorize(ports: SagaPorts, settings: VendSettings, command: VendCommand): Promise<Admission> {
  const id = intentIdOf(command.caller.id, command.key);
  const refuse = (problem: Problem): Refusal => failedWith({ id, attempt: 0 }, problem);
  const resolved = resolveTarget(command.request, settings.targetDefaults);
  if (resolved.kind === 'invalid') return refuse(invalid(resolved.errors));
  const asked = decide(settings.policy, command.caller, resolved.target);
  if (asked.kind === 'denied') return refuse(FORBIDDEN);
  const read = await ports.ledger.read(id);
  if (read.kind === 'unreachable') return refuse(LEDGER_SILENT);
  if (read.kind === 'absent')
    return { kind: 'admitted', id, grant: asked.grant, target: resolved.target, row: undefined };
  const { row } = read;
  const { requestHash, target } = row.intent;
  if (requestHash !== hashRequest(command.request)) return failedWith(row.intent, REUSED);
  const known = decide(settings.policy, command.caller, target);
  if (known.kind === 'denied') return failedWith(row.intent, FORBIDDEN);
  return { kind: 'admitted', id, grant: known.grant, target, row };
}

function obstacleToAgain({ key }: VendCommand, row: LedgerRow | undefined): Problem | undefined {
  const state = row?.intent.state;
  return state?.kind === 'failed' && isFinal(key, state.problem) ? state.problem : undefined;
}

async function tryAgain(
  vending: Vend,
  row: LedgerRow,
  state: Extract<Intent['state'], { kind: 'failed' }>,
): Promise<VendOutcome> {
  if (isFinal(vending.command.key, state.problem)) return failedWith(row.intent, state.problem);
  const wait = state.retryAt - vending.ports.clock.now();
  if (wait > 0) return failedWith(row.intent, { ...state.problem, retryAfterMs: wait });
  return attempt(vending, row.intent.target, row);
}

/**
 * The id of a message, or of an event, names that alone: asked again it was delivered again, and its sender, who may
 * have been told of the failure, asks with another one. To mint for both would make two keys for one need.
 */
const isFinal = (key: IdempotencyKey, { type }: ProblemSummary): boolean =>
  type === 'owner-not-allowed' || (key.kind !== 'key' && !PROBLEMS[type].transient);

type Draft =
  | { readonly kind: 'drafted'; readonly named: NamedDraft }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** Every attempt goes to the target of the first, but where its secret goes and how long it holds is up to policy today. */
function draft({ ports, command, grant, settings }: Vend, target: Target): Draft {
  if (settings.mode !== 'normal') return { kind: 'refused', problem: PAUSED };
  const place = { vaultUrl: settings.defaultVaultUrl, now: ports.clock.now() };
  const drafted = draftIntent(command, target, grant, place);
  if (drafted.kind === 'invalid') return { kind: 'refused', problem: invalid([drafted.error]) };
  const naming = command.request.secretName === undefined ? 'derived' : 'chosen';
  return { kind: 'drafted', named: { draft: drafted.draft, naming } };
}

async function attempt(vending: Vend, target: Target, row: LedgerRow | undefined): Promise<VendOutcome> {
  const { ports, command, grant } = vending;
  const before = { id: intentIdOf(command.caller.id, command.key), attempt: row?.intent.attempt ?? 0 };
  const drafted = draft(vending, target);
  return drafted.kind === 'refused'
    ? failedWith(before, drafted.problem)
    : attemptOnce(ports, grant, drafted.named, row);
}

const invalid = (errors: Problem['errors'] & object): Problem => ({
  type: 'invalid-request',
  detail: 'The request breaks the rules listed in errors.',
  errors,
});
