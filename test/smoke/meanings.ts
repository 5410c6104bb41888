import type { ProblemType } from '../../src/vending/model/problems.ts';
import { type Answer, problemOf } from './app.ts';
import type { Caller } from './credentials.ts';

const SILENT_VAULT =
  'Its role on the vault is not visible yet (wait ten minutes), the vault’s firewall refuses it, or private DNS does not know the vault.';
const SILENT_LEDGER =
  'Its role on the table is not visible yet (wait ten minutes), the account’s firewall refuses it, or private DNS does not know it.';

/** Why the function could not mint, for the first person who sees it happen. */
const REFUSALS: Readonly<Partial<Record<ProblemType, string>>> = {
  'upstream-forbidden':
    'Azure refused the function’s managed identity. The log has ARM’s code. AuthorizationFailed: its role on the organization is missing, not visible yet (wait ten minutes), or names other actions. Any other code: Confluent itself may refuse managed identities, and then nothing here can mint.',
  'upstream-refused':
    'ARM or Confluent refused the request, not the identity. The log has the code. ScopeLocked: a lock on the organization. RequestDisallowedByPolicy: an Azure Policy. Else Confluent’s own rule about names or descriptions.',
  'target-not-found':
    'The role works as far as this: ARM finds no such organization, environment or cluster. Compare the ids with the Confluent console.',
  'quota-exhausted': 'The identity may mint, but Confluent’s quota of keys for its owner or the cluster is used up.',
  'key-unusable':
    'The identity may mint, and the answer had no secret. As long as Confluent answers so, no service can vend keys through ARM: ask Confluent.',
  'owner-not-allowed': 'The identity may mint. The owner of the key is not in allowedOwners of the policy rule.',
  'outcome-unknown':
    'Confluent’s answer proved neither a key nor a refusal. The log has its status. Look for the marker in the Confluent console.',
  'upstream-throttled': 'ARM throttles the subscription. It says nothing about the identity: try again later.',
  'upstream-unreachable':
    'The function did not reach management.azure.com, or got no token for it: check the identity, outbound rules and DNS.',
  'vault-unavailable': SILENT_VAULT,
  'vault-refused': 'The vault takes writes, but not this one: look for an Azure Policy on it.',
  'ledger-unavailable': SILENT_LEDGER,
  'identity-provider-unavailable':
    'The function does not reach login.microsoftonline.com: check outbound rules and DNS.',
};

/** Parts that readiness names. */
const PARTS: Readonly<Record<string, string>> = {
  token: 'The function gets no token: AZURE_CLIENT_ID does not name an identity that the app has.',
  vault: SILENT_VAULT,
  ledger: SILENT_LEDGER,
};

export const meaningOfParts = (failing: readonly string[]): string =>
  failing.flatMap((part) => PARTS[part] ?? []).join(' ');

/** The meaning of an answer without a key, in words. Undefined where its own detail says it. */
export function meaningOf(answer: Answer, caller: Caller): string | undefined {
  if (answer.kind === 'silent')
    return 'Nothing answered. A private app is reached from its network only, and a new app takes minutes to have a name.';
  const type = problemOf(answer)?.type;
  if (type === undefined) return meaningOfStatus(answer.status);
  if (type === 'unauthenticated')
    return `The token is for ${caller.audience}: ENTRA_AUDIENCE must contain that, and ENTRA_TENANT_ID must be its tenant.`;
  if (type === 'forbidden') return `Azure was not asked. Policy has no rule for ${caller.id} and this cluster.`;
  return Object.entries(REFUSALS).find(([name]) => name === type)?.[1];
}

/** The answer is none of the app's. */
function meaningOfStatus(status: number): string | undefined {
  if (status === 403) return 'App Service refuses this machine: allowedCallers must contain its address.';
  if (status === 404)
    return 'There is no such function: no package, or the start failed. Look for "The function cannot start" in AppTraces.';
  return status >= 500 ? 'The Functions host answered, not the function. AppExceptions says why.' : undefined;
}
