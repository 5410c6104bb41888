import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../src/vending/policy/policy.ts';

const portal = 'entra:11111111-1111-1111-1111-111111111111:22222222-2222-2222-2222-222222222222';
const rule = {
  name: 'portal',
  callers: { ids: [portal] },
  organizations: ['myOrganization'],
  environments: ['env-12132'],
  clusters: ['*'],
};
const policyOf = (...rules: unknown[]) => JSON.stringify({ rules });
const changed = (change: object) => policyOf(rule, { ...rule, name: 'second', ...change });
const without = (field: keyof typeof rule) => {
  const { [field]: _, ...rest } = rule;
  return policyOf(rest);
};

const PATTERN_RULE = 'must be a name, or the beginning of one followed by "*"';
const VAULT_RULE = 'must be the URL of a vault, such as https://payments.vault.azure.net, without a path';
const PREFIX_RULE = 'must be 1 to 64 letters, digits or "-", not beginning "ck-"';
const QUEUE_RULE = 'must be the name of a Service Bus queue';
const ROLE_RULE = 'must be an app role: 1 to 120 printable characters without spaces';
const ID_RULE = 'must be "entra:<tenant id>:<object id>" or "events"';

describe('parsePolicy', () => {
  it.each([
    ['no rules', '{"rules":[]}'],
    ['a schema for editors', '{"$schema":"./policy.schema.json","rules":[]}'],
    ['a byte order mark', '\uFEFF{"rules":[]}'],
    ['comments', '// one\n{/* two\n lines */"rules":[]} // three'],
    [
      'several kinds of callers',
      changed({ callers: { ids: [], roles: ['KeyVending.Requester'], queues: ['team/vend-1'] } }),
    ],
    [
      'every limit',
      changed({
        subscriptions: ['0000*'],
        resourceGroups: ['rg-(a).b*'],
        vaultUrl: 'https://kv-1.vault.azure.net',
        secretNamePrefix: 'portal-',
        maxValidFor: 'P90D',
        allowedOwners: ['sa-*', 'u-1'],
        overlap: 'P2D',
        maxOverlap: 'P2D',
        managers: { ids: [portal], roles: ['Team.Payments'] },
      }),
    ],
    ['a sovereign cloud', changed({ vaultUrl: 'https://payments.vault.usgovcloudapi.net' })],
    ['the sample', readFileSync(`${import.meta.dirname}/../../../infra/policy.sample.jsonc`, 'utf8')],
  ])('takes %s', (_, text) => {
    expect(parsePolicy(text)).toHaveProperty('kind', 'valid');
  });

  it('leaves comment signs in strings alone', () => {
    const text = '{"$schema":"https://example.com/*/policy.json // \\" /*","rules":[]} // "';
    expect(parsePolicy(text)).toEqual({
      kind: 'valid',
      value: { $schema: 'https://example.com/*/policy.json // " /*', rules: [] },
    });
  });

  it('takes a short overlap that is meant', () => {
    const parsed = parsePolicy(policyOf({ ...rule, overlap: 'PT1H', allowShortOverlap: true }));
    expect(parsed).toHaveProperty('value.rules.0.overlap', 'PT1H');
  });

  it('spells a vault one way', () => {
    const parsed = parsePolicy(policyOf({ ...rule, vaultUrl: 'https://Payments.vault.azure.net/' }));
    expect(parsed).toHaveProperty('value.rules.0.vaultUrl', 'https://payments.vault.azure.net');
  });

  it.each<[string, string, string]>([
    ['nothing', '', 'policy: the text is empty'],
    ['a schema that is no address', '{"$schema":1,"rules":[]}', '$schema: must be a string'],
    ['a comment alone', '// soon', 'policy: the text is empty'],
    ['an open comment', '{"rules":[]} /* soon', 'policy: the text is not valid JSON (line 1 column 14)'],
    [
      'a trailing comma, with its place',
      '{\n// c\n"rules":[],}',
      'policy: the text is not valid JSON (line 3 column 12)',
    ],
    ['a name twice', '{"rules":[{"name":"a","name":"b"}]}', 'policy: the name /rules/0/name occurs more than once'],
    ['a list', '[]', 'policy: must be a JSON object'],
    ['no rules field', '{}', 'rules: is required'],
    ['rules that are no list', '{"rules":{}}', 'rules: must be a list'],
    ['a rule that is no object', policyOf('portal'), 'rules[0]: must be an object'],
    ['an unknown field', '{"rules":[],"rule":1}', 'rule: is not a known field'],
    ['no name', without('name'), 'rules[0].name: is required'],
    ['no callers', without('callers'), 'rules[0].callers: is required'],
    ['no organizations', without('organizations'), 'rules[0].organizations: is required'],
    ['no environments', without('environments'), 'rules[0].environments: is required'],
    ['no clusters', without('clusters'), 'rules[0].clusters: is required'],
  ])('refuses %s', (_, text, problem) => {
    expect(parsePolicy(text)).toEqual({ kind: 'invalid', lines: [problem] });
  });

  it.each<[string, object, string]>([
    ['an unknown field of a rule', { vaultURL: 1 }, 'vaultURL: is not a known field'],
    ['an unknown kind of caller', { callers: { ids: [portal], groups: [] } }, 'callers.groups: is not a known field'],
    ['a name with a line break', { name: 'a\nb' }, 'name: must be 1 to 64 letters, digits, " ", ".", "_" or "-"'],
    ['a name that is taken', { name: 'portal' }, 'name: is taken by another rule'],
    ['nobody', { callers: {} }, 'callers: must name at least one id, role or queue'],
    [
      'empty lists of callers',
      { callers: { ids: [], roles: [], queues: [] } },
      'callers: must name at least one id, role or queue',
    ],
    [
      'an id without tenant',
      { callers: { ids: ['entra:22222222-2222-2222-2222-222222222222'] } },
      `callers.ids[0]: ${ID_RULE}`,
    ],
    ['an id of a queue', { callers: { ids: [portal, 'queue:vend'] } }, `callers.ids[1]: ${ID_RULE}`],
    ['a wildcard id', { callers: { ids: ['*'] } }, `callers.ids[0]: ${ID_RULE}`],
    ['an empty role', { callers: { roles: [''] } }, `callers.roles[0]: ${ROLE_RULE}`],
    ['a wildcard queue', { callers: { queues: ['vend-*'] } }, `callers.queues[0]: ${QUEUE_RULE}`],
    ['one caller outside of a list', { callers: { ids: portal } }, 'callers.ids: must be a list'],
    ['no patterns', { clusters: [] }, 'clusters: must have at least one entry; "*" stands for any'],
    ['an empty pattern', { clusters: [''] }, `clusters[0]: ${PATTERN_RULE}`],
    ['a star in front', { organizations: ['*-prod'] }, `organizations[0]: ${PATTERN_RULE}`],
    ['a star inside', { environments: ['env-1', 'env-*-2'] }, `environments[1]: ${PATTERN_RULE}`],
    ['two stars', { clusters: ['lkc**'] }, `clusters[0]: ${PATTERN_RULE}`],
    ['a number for a pattern', { clusters: [1] }, 'clusters[0]: must be a string'],
    [
      'an empty list of owners',
      { allowedOwners: [] },
      'allowedOwners: must have at least one entry; "*" stands for any',
    ],
    ['http', { vaultUrl: 'http://payments.vault.azure.net' }, `vaultUrl: ${VAULT_RULE}`],
    ['a path', { vaultUrl: 'https://payments.vault.azure.net/secrets' }, `vaultUrl: ${VAULT_RULE}`],
    ['a port', { vaultUrl: 'https://payments.vault.azure.net:443' }, `vaultUrl: ${VAULT_RULE}`],
    ['user information', { vaultUrl: 'https://a@payments.vault.azure.net' }, `vaultUrl: ${VAULT_RULE}`],
    ["somebody else's host", { vaultUrl: 'https://payments.vault.azure.net.example.com' }, `vaultUrl: ${VAULT_RULE}`],
    ['a host that only ends right', { vaultUrl: 'https://a.b.vault.azure.net' }, `vaultUrl: ${VAULT_RULE}`],
    ['a name that no vault has', { vaultUrl: 'https://a--b.vault.azure.net' }, `vaultUrl: ${VAULT_RULE}`],
    [
      'a name longer than 24 with hyphens',
      { vaultUrl: `https://v${'-v'.repeat(12)}.vault.azure.net` },
      `vaultUrl: ${VAULT_RULE}`,
    ],
    ['a name shorter than 3', { vaultUrl: 'https://ab.vault.azure.net' }, `vaultUrl: ${VAULT_RULE}`],
    ['a name longer than 24', { vaultUrl: `https://${'v'.repeat(25)}.vault.azure.net` }, `vaultUrl: ${VAULT_RULE}`],
    ['an empty prefix', { secretNamePrefix: '' }, `secretNamePrefix: ${PREFIX_RULE}`],
    ["the service's own prefix", { secretNamePrefix: 'Ck-' }, `secretNamePrefix: ${PREFIX_RULE}`],
    [
      'months',
      { maxValidFor: 'P3M' },
      'maxValidFor: must be an ISO 8601 duration in weeks, days, hours, minutes or seconds, such as P90D or PT12H',
    ],
    ['no time at all', { maxValidFor: 'PT0S' }, 'maxValidFor: must be at least PT1M and at most P3650D'],
    [
      'a short overlap that is not meant',
      { overlap: 'PT23H' },
      'overlap: must be at least PT24H unless allowShortOverlap is true: references are cached that long',
    ],
    ['a rotation within the usual overlap', { rotateEvery: 'PT25H' }, 'rotateEvery: must be longer than the overlap'],
    [
      'a rotation within an overlap of its own',
      { rotateEvery: 'P2D', overlap: 'P2D' },
      'rotateEvery: must be longer than the overlap',
    ],
    [
      'a longest overlap shorter than the overlap',
      { maxOverlap: 'PT24H' },
      'maxOverlap: must not be shorter than the overlap',
    ],
    ['an overlap longer than the longest', { overlap: 'P31D' }, 'maxOverlap: must not be shorter than the overlap'],
    ['no managers', { managers: {} }, 'managers: must name at least one id or role'],
    ['a queue as a manager', { managers: { roles: ['a'], queues: ['vend'] } }, 'managers.queues: is not a known field'],
    [
      'managers of the event queue',
      { managers: { ids: ['events'] } },
      'managers.ids[0]: must be "entra:<tenant id>:<object id>"',
    ],
    ['a flag as text', { revokeAtExpiry: 'yes' }, 'revokeAtExpiry: must be true or false'],
  ])('refuses %s', (_, change, problem) => {
    expect(parsePolicy(changed(change))).toEqual({ kind: 'invalid', lines: [`rules[1].${problem}`] });
  });

  it('puts each problem on one line of its own, whatever the names contain', () => {
    const parsed = parsePolicy(changed({ 'x\n': 1, clusters: [], environments: 1 }));
    expect(parsed).toEqual({
      kind: 'invalid',
      lines: [
        'rules[1].environments: must be a list',
        'rules[1].clusters: must have at least one entry; "*" stands for any',
        String.raw`rules[1].x\n: is not a known field`,
      ],
    });
  });
});
