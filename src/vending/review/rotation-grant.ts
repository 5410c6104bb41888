import type { Credential } from '../model/credential.ts';
import { decideByRule, type Grant, type Policy } from '../policy/policy.ts';
import { checkChosenName, defaultSecretName } from '../secret/naming.ts';

/** Today's policy, and the vault of rules that name none. */
export interface Terms {
  readonly policy: Policy;
  readonly defaultVaultUrl: string;
}

export type RotationGrant =
  | { readonly kind: 'granted'; readonly grant: Grant }
  /** `place`: the rule stands, and gives another vault or no such name. */
  | { readonly kind: 'denied'; readonly for: 'rule' | 'place' };

/** Whether the rule that granted a credential grants its next key today, for the same vault and name. */
export function rotationGrantOf({ policy, defaultVaultUrl }: Terms, row: Credential): RotationGrant {
  const decision = decideByRule(policy, row.grant.rule, row.caller, row.target);
  if (decision.kind === 'denied') return { kind: 'denied', for: 'rule' };
  const { grant } = decision;
  if ((grant.vaultUrl ?? defaultVaultUrl) !== row.vaultUrl) return { kind: 'denied', for: 'place' };
  const isDerived = row.secretName === defaultSecretName(row.target.clusterId, row.name, row.id);
  return isDerived || checkChosenName(row.secretName, grant) === undefined
    ? { kind: 'granted', grant }
    : { kind: 'denied', for: 'place' };
}
