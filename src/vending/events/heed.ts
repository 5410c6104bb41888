import type { Command } from '../command.ts';
import type { Intent } from '../intent.ts';
import { REQUEST_ID_PATTERN } from '../model/idempotency.ts';
import type { Problem } from '../model/problems.ts';
import { decideByRule, type Policy } from '../policy/policy.ts';
import { isVended, problemOf, type VendedIntent } from '../saga/outcome.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { TAG_INTENT } from '../secret/tags.ts';
import type { VendSettings } from '../vend.ts';
import type { KeyVaultEvent } from './incoming-event.ts';

/** What a hint about a secret comes to. `unclear`: the vault or the ledger could not be asked; the hint may come again. */
export type Heeded =
  | { readonly kind: 'ignored'; readonly reason: IgnoreReason }
  | { readonly kind: 'unclear'; readonly problem: Problem; readonly requestId?: string }
  /**
   * Not before its time: Key Vault says of a secret that holds for less than 30 days that it nears its end as soon as it
   * is made, and that it expired by a clock that may go before ours.
   */
  | { readonly kind: 'early'; readonly waitMs: number }
  | { readonly kind: 'expired'; readonly intent: VendedIntent }
  | { readonly kind: 'command'; readonly command: Command };

export type IgnoreReason = 'unknown-vault' | 'not-ours' | 'not-in-force' | 'not-yet';

const DAY_MS = 86_400_000;
/** Key Vault tells 30 days ahead; a day is for clocks and for events that overtake one another. */
const NEAR_MS = 31 * DAY_MS;
/** How far Key Vault's clock may go before ours: what it says once and we drop is not said again. */
const SKEW_MS = 5 * 60_000;

/**
 * An event about a secret is a hint, not an order: whoever may send events may make one up. Nothing is done unless vault
 * and ledger both say that it is a version of ours, in force, and that its end is as near as the event says.
 */
export async function heed(ports: SagaPorts, settings: VendSettings, event: KeyVaultEvent): Promise<Heeded> {
  const { vaultUrl, secretName } = event;
  if (!isOurVault(settings, vaultUrl)) return ignored('unknown-vault');
  const name = await ports.vault.lookUpName(vaultUrl, secretName);
  if (name.kind === 'unavailable') return { kind: 'unclear', problem: VAULT_SILENT };
  const intentId = name.kind === 'in-use' ? name.tags[TAG_INTENT] : undefined;
  if (intentId === undefined || !REQUEST_ID_PATTERN.test(intentId)) return ignored('not-ours');
  const intent = await inForce(ports, intentId);
  if (intent === 'unreachable') return { kind: 'unclear', problem: LEDGER_SILENT, requestId: intentId };
  if (intent === 'absent') return ignored('not-ours');
  return isVended(intent) && isAbout(event, intent) ? judge(ports, event, intent) : ignored('not-in-force');
}

/** Of a rotation that is not done, or never will be, the newest version may be; in force is what it was to replace. */
async function inForce({ ledger }: SagaPorts, intentId: string): Promise<Intent | 'absent' | 'unreachable'> {
  const read = await ledger.read(intentId);
  if (read.kind !== 'found') return read.kind;
  const { intent } = read.row;
  if ('secret' in intent.state || intent.supersedes === undefined) return intent;
  const old = await ledger.read(intent.supersedes.intentId);
  return old.kind === 'found' ? old.row.intent : old.kind;
}

/** Tags prove nothing: who may write to a vault can copy them. The ledger's row must name this very version. */
const isAbout = ({ vaultUrl, secretName, version }: KeyVaultEvent, intent: VendedIntent): boolean =>
  intent.vaultUrl === vaultUrl &&
  intent.secretName.toLowerCase() === secretName.toLowerCase() &&
  intent.state.secret.version === version;

function judge({ clock }: SagaPorts, { event }: KeyVaultEvent, intent: VendedIntent): Heeded {
  const left = intent.expiresOn === undefined ? undefined : Date.parse(intent.expiresOn) - clock.now();
  if (left === undefined || left > (event === 'near-expiry' ? NEAR_MS : SKEW_MS)) return ignored('not-yet');
  if (event === 'expired') return left > 0 ? { kind: 'early', waitMs: Math.ceil(left) } : { kind: 'expired', intent };
  const early = left - (intent.validForMs ?? 0) / 2;
  if (early > 0 && intent.validForMs !== undefined) return { kind: 'early', waitMs: Math.ceil(early) };
  return { kind: 'command', command: { ...BY_SERVICE, operation: 'rotate', requestId: intent.id } };
}

/** What policy wants done with a key whose secret expired: nothing, unless it says so. */
export function onExpiry(policy: Policy, { rule, caller, target, id: requestId }: VendedIntent): Command | undefined {
  const decision = decideByRule(policy, rule, caller, target);
  const isRevoked = decision.kind === 'granted' && decision.grant.revokeAtExpiry;
  return isRevoked ? { ...BY_SERVICE, operation: 'revoke', requestId } : undefined;
}

const BY_SERVICE = { authority: { kind: 'service' }, validateOnly: false } as const;

const isOurVault = ({ defaultVaultUrl, policy }: VendSettings, vaultUrl: string): boolean =>
  vaultUrl === defaultVaultUrl || policy.rules.some((rule) => rule.vaultUrl === vaultUrl);

const ignored = (reason: IgnoreReason): Heeded => ({ kind: 'ignored', reason });

const VAULT_SILENT = problemOf('vault-unavailable', 'The vault did not answer.');
const LEDGER_SILENT = problemOf('ledger-unavailable', 'The ledger did not answer.');
