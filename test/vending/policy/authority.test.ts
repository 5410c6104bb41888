import { describe, expect, it } from 'vitest';
import { type Authority, authorityOf, type Caller } from '../../../src/vending/model/caller.ts';
import { isManager, mayActOn, namesCaller, type Policy } from '../../../src/vending/policy/policy.ts';

const portalId = 'entra:11111111-1111-1111-1111-111111111111:22222222-2222-2222-2222-222222222222';
const portal: Caller = { id: portalId, roles: [] };
const rule = {
  name: 'portal',
  callers: { ids: [portalId] },
  organizations: ['*'],
  environments: ['*'],
  clusters: ['*'],
};

describe('isManager', () => {
  const managed = {
    ...rule,
    managers: { ids: [portalId.replaceAll('2', 'E')], roles: ['Team.Payments'] },
  };
  const other = { ...rule, name: 'other', managers: { roles: ['Team.Other'] } };
  const policy: Policy = { rules: [managed, other] };

  it.each<[string, string, Caller, boolean]>([
    ['an id that the rule names', 'portal', { id: portalId.replaceAll('2', 'e'), roles: [] }, true],
    ['such an id in capitals', 'portal', { id: portalId.replaceAll('2', 'e').toUpperCase(), roles: [] }, true],
    ['a role that the rule names', 'portal', { id: 'entra:t:o', roles: ['Other', 'Team.Payments'] }, true],
    ['not a role in another case', 'portal', { id: 'entra:t:o', roles: ['team.payments'] }, false],
    ['not a manager of another rule', 'portal', { id: 'entra:t:o', roles: ['Team.Other'] }, false],
    ['not another caller of the rule', 'portal', portal, false],
    ['nobody where the rule is gone', 'gone', { id: 'entra:t:o', roles: ['Team.Payments'] }, false],
  ])('knows %s', (_, name, caller, expected) => {
    expect(isManager(policy, name, caller)).toBe(expected);
  });
});

it.each<[string, Caller, boolean]>([
  ['a caller of a rule', portal, true],
  ['a manager', { id: 'entra:t:o', roles: ['Team.Payments'] }, true],
  ['nobody else', { id: 'entra:t:o', roles: ['Team.Other'] }, false],
])('a policy names %s', (_, caller, expected) => {
  expect(namesCaller({ rules: [{ ...rule, managers: { roles: ['Team.Payments'] } }] }, caller)).toBe(expected);
});

describe('mayActOn', () => {
  const owned = { caller: portal.id, grant: { rule: 'portal' } };
  const policy: Policy = { rules: [{ ...rule, managers: { roles: ['Team.Payments'] } }] };
  const stranger: Caller = { id: 'entra:t:o', roles: ['KeyVending.Requester'] };

  it.each<[string, Authority, boolean]>([
    ['its caller', { kind: 'caller', caller: portal }, true],
    ['a manager of its rule', { kind: 'caller', caller: { ...stranger, roles: ['Team.Payments'] } }, true],
    ['an operator', authorityOf({ ...stranger, roles: ['Operator'] }, 'Operator'), true],
    ['the service', { kind: 'service' }, true],
    ['nobody else', authorityOf(stranger, 'Operator'), false],
  ])('lets in %s', (_, authority, expected) => {
    expect(mayActOn(policy, authority, owned)).toBe(expected);
  });
});
