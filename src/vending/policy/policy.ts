import type * as z from 'zod';
import type { Authority, Caller } from '../model/caller.ts';
import type { Result } from '../model/problems.ts';
import type { Target } from '../model/resources.ts';
import type { TargetDefaults } from '../request/request.ts';
import { parseStrictJson } from '../request/strict-json.ts';
import { parseDuration } from '../request/validation.ts';
import {
  DEFAULT_MAX_OVERLAP_MS,
  DEFAULT_OVERLAP_MS,
  type Policy,
  type PolicyRule,
  policySchema,
  REFERENCE_CACHE_MS,
} from './policy-schema.ts';

export type { Policy };

/** The terms on which a rule lets its callers have keys. A field that is absent sets no limit, except `secretNamePrefix`. */
export interface Grant {
  readonly rule: string;
  /** Without a slash at the end. Absent: the configured vault. */
  readonly vaultUrl?: string;
  /** Absent: names may not be chosen. */
  readonly secretNamePrefix?: string;
  readonly maxValidForMs?: number;
  readonly allowedOwners?: readonly string[];
  readonly rotateEveryMs?: number;
  /** How long an old key lives on after its rotation, unless the request says otherwise. */
  readonly overlapMs: number;
  /** The shortest overlap that a request may ask for. */
  readonly minOverlapMs: number;
  /** The longest. */
  readonly maxOverlapMs: number;
  readonly revokeAtExpiry: boolean;
}

export type Decision =
  | { readonly kind: 'granted'; readonly grant: Grant; readonly rule: string }
  | { readonly kind: 'denied' };

/** The first rule that matches both caller and target; `denied` without one. */
export function decide(policy: Policy, caller: Caller, target: Target): Decision {
  const rule = policy.rules.find(({ callers, ...rest }) => isAmong(callers, caller) && covers(rest, target));
  return rule === undefined ? { kind: 'denied' } : { kind: 'granted', grant: grantOf(rule), rule: rule.name };
}

/**
 * The grant of a rule later in a key's life, to the caller that it granted the key. Roles are known only while their holder asks, so a rule by role is taken to hold as long as it stands.
 */
export function decideByRule(policy: Policy, rule: string, callerId: string, target: Target): Decision {
  const found = policy.rules.find(({ name }) => name === rule);
  if (found === undefined) return { kind: 'denied' };
  const { callers, ...rest } = found;
  const caller = { id: callerId, roles: callers.roles ?? [] };
  return isAmong(callers, caller) && covers(rest, target)
    ? { kind: 'granted', grant: grantOf(found), rule }
    : { kind: 'denied' };
}

/** Says whether the rule lets this caller manage credentials that it granted to others. A rule that is gone lets nobody. */
export function isManager(policy: Policy, rule: string, caller: Caller): boolean {
  const { ids = [], roles = [] } = policy.rules.find(({ name }) => name === rule)?.managers ?? {};
  return (
    ids.some((id) => id.toLowerCase() === caller.id.toLowerCase()) || roles.some((role) => caller.roles.includes(role))
  );
}

/** Says whether any rule names this caller as a manager. */
export const managesAny = (policy: Policy, caller: Caller): boolean =>
  policy.rules.some(({ name }) => isManager(policy, name, caller));

interface Owned {
  readonly caller: string;
  readonly grant: { readonly rule: string };
}

/** To everybody else the credential does not exist. */
export const mayActOn = (policy: Policy, authority: Authority, { caller, grant }: Owned): boolean =>
  authority.kind !== 'caller' || authority.caller.id === caller || isManager(policy, grant.rule, authority.caller);

/** Says whether any rule names this caller, for itself or as a manager. */
export const namesCaller = (policy: Policy, caller: Caller): boolean =>
  policy.rules.some(({ name, callers }) => isAmong(callers, caller) || isManager(policy, name, caller));

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

function grantOf(rule: PolicyRule): Grant {
  const { name, vaultUrl, secretNamePrefix, allowedOwners, revokeAtExpiry = false, allowShortOverlap = false } = rule;
  const maxValidForMs = durationMs(rule.maxValidFor);
  const rotateEveryMs = durationMs(rule.rotateEvery);
  return {
    rule: name,
    ...(vaultUrl === undefined ? {} : { vaultUrl }),
    ...(secretNamePrefix === undefined ? {} : { secretNamePrefix }),
    ...(maxValidForMs === undefined ? {} : { maxValidForMs }),
    ...(allowedOwners === undefined ? {} : { allowedOwners }),
    ...(rotateEveryMs === undefined ? {} : { rotateEveryMs }),
    overlapMs: durationMs(rule.overlap) ?? DEFAULT_OVERLAP_MS,
    minOverlapMs: allowShortOverlap ? 0 : REFERENCE_CACHE_MS,
    maxOverlapMs: durationMs(rule.maxOverlap) ?? DEFAULT_MAX_OVERLAP_MS,
    revokeAtExpiry,
  };
}

const durationMs = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(text);

/** Reads a policy: JSON with comments, no name twice. Each problem is one line that begins with the offending path. */
export function parsePolicy(text: string): Result<Policy, { readonly lines: readonly string[] }> {
  const json = parseStrictJson(blankComments(text));
  if (json.kind === 'malformed') return { kind: 'invalid', lines: [`policy: ${json.detail}`] };
  // Parsed once, at start: zod need not compile code for it.
  const parsed = policySchema.safeParse(json.value, { jitless: true });
  if (parsed.success) return { kind: 'valid', value: parsed.data };
  return { kind: 'invalid', lines: parsed.error.issues.flatMap(linesOf) };
}

/** Comments become spaces, so that positions in messages still hold. */
function blankComments(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (token) =>
    token.startsWith('"') ? token : token.replace(/[^\n]/g, ' '),
  );
}

function linesOf(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code !== 'unrecognized_keys') return [`${pathOf(issue.path)}: ${issue.message}`];
  return issue.keys.map((key) => `${pathOf([...issue.path, JSON.stringify(key).slice(1, -1)])}: is not a known field`);
}

/** `rules[2].callers` */
function pathOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'policy';
  return path
    .map((segment) => (typeof segment === 'number' ? `[${segment}]` : `.${String(segment)}`))
    .join('')
    .slice(1);
}

/** `paused` mints nothing new. Credentials that exist are answered, and open work goes on. */
export type Mode = 'normal' | 'paused';

/** Today's policy, and the vault of rules that name none. */
export interface Terms {
  readonly policy: Policy;
  readonly defaultVaultUrl: string;
}

export interface VendSettings extends Terms {
  readonly mode: Mode;
  readonly targetDefaults: TargetDefaults;
}
