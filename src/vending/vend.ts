import { draftIntent } from './draft.ts';
import { type IdempotencyKey, intentIdOf } from './idempotency.ts';
import type { Intent } from './intent.ts';
import { decide, type Grant, type Policy } from './policy/policy.ts';
import type { Caller } from './ports/callers.ts';
import type { LedgerRow } from './ports/ledger.ts';
import { PROBLEMS, type Problem, type ProblemSummary } from './problems.ts';
import { hashRequest, resolveTarget, type TargetDefaults, type VendRequest } from './request.ts';
import { claimAttempt } from './saga/claim.ts';
import { compensate, isCompensating } from './saga/compensate.ts';
import { mintOnce, outcomeUnknown } from './saga/mint.ts';
import { failedWith, isVended, problemOf, type VendOutcome } from './saga/outcome.ts';
import type { SagaPorts } from './saga/ports.ts';
import { preflight } from './saga/preflight.ts';
import type { Target } from './target.ts';

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

const PAUSED = problemOf('paused', 'The operators of this service have paused it; try again later.', 60_000);
const FORBIDDEN = problemOf('forbidden', 'No rule of the policy lets this caller have a key for this target.');
const LEDGER_SILENT = problemOf('ledger-unavailable', 'The ledger did not answer; nothing was minted.');
const REUSED = problemOf('idempotency-key-reused', 'This idempotency key belongs to a request with other contents.');
const IN_PROGRESS = problemOf('request-in-progress', 'This request is being worked on; ask again.', 2_000);
const CLEANING_UP = problemOf('request-in-progress', 'An earlier key of this request is being deleted.', 15_000);

/**
 * Vends one key for one request, or says what became of it before.
 *
 * However often and wherever the same idempotency key is asked for, at most one key lives for it, and `vended` is
 * answered only when ledger and vault both have it.
 */
export async function vend(ports: SagaPorts, settings: VendSettings, command: VendCommand): Promise<VendOutcome> {
  const id = intentIdOf(command.caller.id, command.key);
  const refuse = (problem: Problem): VendOutcome => failedWith({ id, attempt: 0 }, problem);
  const resolved = resolveTarget(command.request, settings.targetDefaults);
  if (resolved.kind === 'invalid') return refuse(invalid(resolved.errors));
  const decision = decide(settings.policy, command.caller, resolved.target);
  if (decision.kind === 'denied') return refuse(FORBIDDEN);
  const { grant } = decision;
  const read = await ports.ledger.read(id);
  if (read.kind === 'unreachable') return refuse(LEDGER_SILENT);
  if (read.kind === 'found') return replay({ ports, settings, command, grant }, read.row);
  return attempt({ ports, settings, command, grant }, resolved.target, undefined);
}

/** A request that the ledger knows is authorized again, for the target that it was resolved to then. */
async function replay(vending: Vend, row: LedgerRow): Promise<VendOutcome> {
  const { settings, command } = vending;
  if (row.intent.requestHash !== hashRequest(command.request)) return failedWith(row.intent, REUSED);
  const decision = decide(settings.policy, command.caller, row.intent.target);
  if (decision.kind === 'denied') return failedWith(row.intent, FORBIDDEN);
  return resume({ ...vending, grant: decision.grant }, row);
}

async function resume(vending: Vend, row: LedgerRow): Promise<VendOutcome> {
  const { intent } = row;
  if (isVended(intent)) return { kind: 'vended', intent, replayed: true };
  if (isCompensating(row)) {
    const closed = await compensate(vending.ports, row);
    return closed === undefined ? stillOpen(vending, intent, CLEANING_UP) : resume(vending, closed);
  }
  switch (intent.state.kind) {
    case 'unknown':
      return failedWith(intent, outcomeUnknown(intent));
    case 'failed':
      return tryAgain(vending, row, intent.state);
    default:
      return stillOpen(vending, intent, IN_PROGRESS);
  }
}

/**
 * A claim that took longer to land than lease and settling time finds its due row cleared. Nothing was sent for it, but
 * nobody would ever look at it again: whoever meets the row overdue notes it anew.
 */
async function stillOpen({ ports }: Vend, intent: Intent, problem: Problem): Promise<VendOutcome> {
  const { id: intentId, dueAt } = intent;
  if (ports.clock.now() > dueAt) await ports.ledger.noteDue({ intentId, at: new Date(dueAt) });
  return failedWith(intent, problem);
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
 * The id of a message names that message alone: asked again it was delivered again, and its sender, who may have been
 * told of the failure, asks with another message.
 */
const isFinal = (key: IdempotencyKey, { type }: ProblemSummary): boolean =>
  type === 'owner-not-allowed' || (key.kind === 'msg' && !PROBLEMS[type].transient);

/** Every attempt goes to the target of the first, but where its secret goes and how long it holds is up to policy today. */
async function attempt(vending: Vend, target: Target, row: LedgerRow | undefined): Promise<VendOutcome> {
  const { ports, command, grant, settings } = vending;
  const before = { id: intentIdOf(command.caller.id, command.key), attempt: row?.intent.attempt ?? 0 };
  if (settings.mode !== 'normal') return failedWith(before, PAUSED);
  const place = { vaultUrl: settings.defaultVaultUrl, now: ports.clock.now() };
  const drafted = draftIntent(command, target, grant, place);
  if (drafted.kind === 'invalid') return failedWith(before, invalid([drafted.error]));
  const { draft } = drafted;
  const chosenByCaller = command.request.secretName !== undefined;
  const { id: intentId, vaultUrl, secretName } = draft;
  const obstacle = await preflight(ports, { intentId, vaultUrl, secretName, chosenByCaller });
  if (obstacle !== undefined) return failedWith(before, obstacle);
  const claim = await claimAttempt(ports, { draft, chosenByCaller }, row);
  if (claim.kind === 'refused') return failedWith(before, claim.problem);
  return mintOnce(ports, grant, claim.row);
}

const invalid = (errors: Problem['errors'] & object): Problem => ({
  type: 'invalid-request',
  detail: 'The request breaks the rules listed in errors.',
  errors,
});
