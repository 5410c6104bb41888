import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../../src/vending/model/caller.ts';
import type { Target } from '../../../src/vending/model/resources.ts';
import {
  decide,
  decideByRule,
  type Grant,
  ownerAllowed,
  type Policy,
  parsePolicy,
} from '../../../src/vending/policy/policy.ts';

const portalId = 'entra:11111111-1111-1111-1111-111111111111:22222222-2222-2222-2222-222222222222';
const portal: Caller = { id: portalId, roles: [] };
const target: Target = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroupName: 'myResourceGroup',
  organizationName: 'myOrganization',
  environmentId: 'env-12132',
  clusterId: 'lkc-1126wj',
};
const rule = {
  name: 'portal',
  callers: { ids: [portalId] },
  organizations: ['myOrganization'],
  environments: ['env-12132'],
  clusters: ['*'],
};
const granted = (policy: Policy, caller: Caller, to: Target = target) => decide(policy, caller, to).kind === 'granted';
const allows = (change: Partial<Policy['rules'][number]>, caller: Caller = portal, to: Partial<Target> = {}) =>
  granted({ rules: [{ ...rule, ...change }] }, caller, { ...target, ...to });

const HOUR = 3_600_000;
/** What a rule grants that says nothing of rotation. */
const USUAL = { overlapMs: 25 * HOUR, minOverlapMs: 24 * HOUR, maxOverlapMs: 30 * 24 * HOUR, revokeAtExpiry: false };

describe('decide', () => {
  it('refuses everything without rules', () => {
    expect(decide({ rules: [] }, portal, target)).toEqual({ kind: 'denied' });
  });

  it.each<[string, Policy['rules'][number]['callers'], Caller, boolean]>([
    ['its id', { ids: [portalId] }, portal, true],
    ['its id, in capitals', { ids: [portalId.toUpperCase()] }, portal, true],
    ['another object id', { ids: [portalId.replaceAll('2', '3')] }, portal, false],
    ['the same object id in another tenant', { ids: [portalId.replaceAll('1', '3')] }, portal, false],
    ['one of its roles', { roles: ['Other', 'Key.Request'] }, { ...portal, roles: ['Key.Request'] }, true],
    ['a role in another case', { roles: ['key.request'] }, { ...portal, roles: ['Key.Request'] }, false],
    ['a role that it lacks', { roles: ['Key.Request'] }, portal, false],
    ['a role named like its id', { roles: [portalId] }, portal, false],
    ['its queue', { queues: ['vend-requests'] }, { id: 'queue:vend-requests', roles: [] }, true],
    ['its queue, in capitals', { queues: ['Vend-Requests'] }, { id: 'queue:vend-requests', roles: [] }, true],
    ['a queue whose name begins alike', { queues: ['vend'] }, { id: 'queue:vend-requests', roles: [] }, false],
    ['a queue, when it calls over HTTP', { queues: ['vend-requests'] }, { id: 'vend-requests', roles: [] }, false],
    ['any of several kinds', { ids: [portalId], queues: ['vend'] }, { id: 'queue:vend', roles: [] }, true],
  ])('knows a caller by %s', (_, callers, caller, expected) => {
    expect(allows({ callers }, caller)).toBe(expected);
  });

  it.each<[string, Partial<Policy['rules'][number]>, Partial<Target>, boolean]>([
    ['exact names', {}, {}, true],
    ['names in another case', {}, { organizationName: 'MYORGANIZATION', environmentId: 'ENV-12132' }, true],
    ['patterns in another case', { clusters: ['LKC-*'] }, {}, true],
    ['another organization', {}, { organizationName: 'other' }, false],
    ['an organization whose name goes on', {}, { organizationName: 'myOrganization2' }, false],
    ['another environment', {}, { environmentId: 'env-1' }, false],
    ['a cluster with the prefix', { clusters: ['lkc-*'] }, {}, true],
    ['a cluster without the prefix', { clusters: ['lkc-*'] }, { clusterId: 'lsrc-stgc1yrzz3' }, false],
    ['a cluster with less than the prefix', { clusters: ['lkc-*'] }, { clusterId: 'lkc' }, false],
    ['a cluster that is only the prefix', { clusters: ['lkc-*'] }, { clusterId: 'lkc-' }, true],
    ['a cluster that has the prefix elsewhere', { clusters: ['lkc-*'] }, { clusterId: 'x-lkc-1' }, false],
    ['the second of two patterns', { clusters: ['lsrc-*', 'lkc-1126wj'] }, {}, true],
    [
      'a dot that is no wildcard',
      { organizations: ['my.Organization'] },
      { organizationName: 'my-Organization' },
      false,
    ],
    ['the subscription', { subscriptions: [target.subscriptionId] }, {}, true],
    ['another subscription', { subscriptions: ['1*'] }, {}, false],
    ['the resource group', { resourceGroups: ['MYresource*'] }, {}, true],
    ['another resource group', { resourceGroups: ['other'] }, {}, false],
  ])('judges a target by %s', (_, change, to, expected) => {
    expect(allows(change, portal, to)).toBe(expected);
  });

  it('asks for caller and target to match in one rule', () => {
    const rules = [
      { ...rule, callers: { queues: ['vend'] } },
      { ...rule, name: 'elsewhere', environments: ['env-other'] },
    ];
    expect(decide({ rules }, portal, target)).toEqual({ kind: 'denied' });
  });

  it('stops at the first match, however little it grants', () => {
    const rules = [
      { ...rule, clusters: ['lsrc-*'], secretNamePrefix: 'a-' },
      { ...rule, name: 'second' },
      { ...rule, name: 'third', secretNamePrefix: 'b-' },
    ];
    expect(decide({ rules }, portal, target)).toStrictEqual({
      kind: 'granted',
      rule: 'second',
      grant: { rule: 'second', ...USUAL },
    });
  });

  it('grants what the rule says', () => {
    const limits = {
      vaultUrl: 'https://payments.vault.azure.net',
      secretNamePrefix: 'payments-',
      allowedOwners: ['sa-*'],
    };
    expect(decide({ rules: [{ ...rule, ...limits, maxValidFor: 'P90D' }] }, portal, target)).toEqual({
      kind: 'granted',
      rule: 'portal',
      grant: { rule: 'portal', ...limits, ...USUAL, maxValidForMs: 7_776_000_000 },
    });
  });

  it('grants what the rule says of rotation', () => {
    const terms = {
      rotateEvery: 'P30D',
      overlap: 'PT1H',
      maxOverlap: 'P2D',
      allowShortOverlap: true,
      revokeAtExpiry: true,
    };
    expect(decide({ rules: [{ ...rule, ...terms }] }, portal, target)).toMatchObject({
      grant: {
        rotateEveryMs: 30 * 24 * HOUR,
        overlapMs: HOUR,
        minOverlapMs: 0,
        maxOverlapMs: 48 * HOUR,
        revokeAtExpiry: true,
      },
    });
  });
});

describe('decideByRule', () => {
  const byRole = { ...rule, callers: { roles: ['KeyVending.Requester'] } };
  it.each<[string, typeof rule | typeof byRole, string, string, boolean]>([
    ['the rule by its name', rule, rule.name, portal.id, true],
    ['no rule by another name', rule, 'gone', portal.id, false],
    ['a rule by role for anybody who once held it', byRole, byRole.name, 'entra:t:somebody', true],
    ['no rule by id for somebody else', rule, rule.name, 'entra:t:somebody', false],
    ['no rule that covers the target no more', { ...rule, clusters: ['other'] }, rule.name, portal.id, false],
  ])('finds %s', (_, one, name, callerId, found) => {
    expect(decideByRule({ rules: [one] }, name, callerId, target).kind === 'granted').toBe(found);
  });
});

describe('ownerAllowed', () => {
  it.each<[Grant['allowedOwners'], string | undefined, boolean]>([
    [undefined, 'u-1', true],
    [undefined, undefined, true],
    [['sa-*'], 'sa-wwn7mm', true],
    [['sa-*'], 'SA-WWN7MM', true],
    [['sa-*'], 'u-1', false],
    [['sa-*'], undefined, false],
    [['*'], undefined, false],
    [['sa-1', 'sa-2'], 'sa-2', true],
    [['sa-1'], 'sa-12', false],
    [[], 'sa-1', false],
  ])('%j, %s: %s', (allowedOwners, owner, expected) => {
    const grant = { rule: 'r', ...USUAL };
    expect(ownerAllowed(allowedOwners === undefined ? grant : { ...grant, allowedOwners }, owner)).toBe(expected);
  });
});

describe('the sample policy', () => {
  const parsed = parsePolicy(readFileSync(`${import.meta.dirname}/../../../infra/policy.sample.jsonc`, 'utf8'));
  const policy = parsed.kind === 'valid' ? parsed.value : { rules: [] };
  const requester: Caller = { id: portalId.replaceAll('2', '4'), roles: ['KeyVending.Requester'] };

  it.each<[string, Caller, Partial<Target>, string | undefined]>([
    ['the portal', portal, {}, 'portal'],
    ['the portal, for Schema Registry', portal, { clusterId: 'lsrc-stgc1yrzz3' }, 'portal'],
    ['the portal, elsewhere', portal, { environmentId: 'env-1' }, undefined],
    ['the queue', { id: 'queue:vend-requests', roles: [] }, { clusterId: 'clusterId-123' }, 'onboarding-queue'],
    ['another queue', { id: 'queue:other', roles: [] }, {}, undefined],
    ['the app role', requester, {}, 'payments'],
    ['the app role, for Schema Registry', requester, { clusterId: 'lsrc-stgc1yrzz3' }, undefined],
    ['a stranger', { ...requester, roles: [] }, {}, undefined],
  ])('for %s', (_, caller, to, expected) => {
    const decision = decide(policy, caller, { ...target, ...to });
    expect(decision.kind === 'granted' ? decision.rule : undefined).toBe(expected);
  });
});
