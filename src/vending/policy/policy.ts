import { parseDuration } from '../duration.ts';
import type { Caller } from '../ports/callers.ts';
import type { Target } from '../target.ts';
import type { Policy, PolicyRule } from './policy-schema.ts';

export { parsePolicy } from './parse-policy.ts';
export type { Policy };

/** What the matching rule lets its callers have. A field that is absent sets no limit, except `secretNamePrefix`. */
export interface Grant {
  readonly rule: string;
  /** Without a slash at the end. Absent: the configured vault. */
  readonly vaultUrl?: string;
  /** Absent: names may not be chosen. */
  readonly secretNamePrefix?: string;
  readonly maxValidForMs?: number;
  readonly allowedOwners?: readonly string[];
}

export type Decision =
  | { readonly kind: 'granted'; readonly grant: Grant; readonly rule: string }
  | { readonly kind: 'denied' };

/** The first rule that matches both caller and target; `denied` without one. */
export function decide(policy: Policy, caller: Caller, target: Target): Decision {
  const rule = policy.rules.find(({ callers, ...rest }) => isAmong(callers, caller) && covers(rest, target));
  return rule === undefined ? { kind: 'denied' } : { kind: 'granted', grant: grantOf(rule), rule: rule.name };
}

/** @param ownerId as Confluent answered; an owner without an id is allowed only where any owner is. */
export function ownerAllowed({ allowedOwners }: Grant, ownerId: string | undefined): boolean {
  return allowedOwners === undefined || (ownerId !== undefined && matchesAny(allowedOwners, ownerId));
}

function isAmong({ ids = [], roles = [], queues = [] }: PolicyRule['callers'], caller: Caller): boolean {
  const names = [...ids, ...queues.map((queue) => `queue:${queue}`)].map((name) => name.toLowerCase());
  return names.includes(caller.id.toLowerCase()) || roles.some((role) => caller.roles.includes(role));
}

function covers(rule: Omit<PolicyRule, 'callers'>, target: Target): boolean {
  return (
    matchesAny(rule.subscriptions ?? ['*'], target.subscriptionId) &&
    matchesAny(rule.resourceGroups ?? ['*'], target.resourceGroupName) &&
    matchesAny(rule.organizations, target.organizationName) &&
    matchesAny(rule.environments, target.environmentId) &&
    matchesAny(rule.clusters, target.clusterId)
  );
}

function matchesAny(patterns: readonly string[], value: string): boolean {
  const folded = value.toLowerCase();
  return patterns
    .map((pattern) => pattern.toLowerCase())
    .some((pattern) => (pattern.endsWith('*') ? folded.startsWith(pattern.slice(0, -1)) : folded === pattern));
}

function grantOf({ name, vaultUrl, secretNamePrefix, maxValidFor, allowedOwners }: PolicyRule): Grant {
  const maxValidForMs = maxValidFor === undefined ? undefined : parseDuration(maxValidFor);
  return {
    rule: name,
    ...(vaultUrl === undefined ? {} : { vaultUrl }),
    ...(secretNamePrefix === undefined ? {} : { secretNamePrefix }),
    ...(maxValidForMs === undefined ? {} : { maxValidForMs }),
    ...(allowedOwners === undefined ? {} : { allowedOwners }),
  };
}
