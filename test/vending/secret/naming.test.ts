import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLUSTER_ID } from '../../../src/vending/model/resources.ts';
import { checkChosenName, defaultSecretName } from '../../../src/vending/secret/naming.ts';

const ID = 'abcdefghijklmnopqrstuvwxyz';

describe('defaultSecretName', () => {
  it.each([
    ['lkc-1126wj', 'CI kafka access key', `ck-lkc-1126wj-ci-kafka-access-key-${ID}`],
    ['cluster_Id_123', 'a', `ck-cluster-Id-123-a-${ID}`],
    ['lkc-1', '  Größe -- & Äpfel_2! ', `ck-lkc-1-gro-e-apfel-2-${ID}`],
    ['lkc-1', 'ключ 🔑', `ck-lkc-1-${ID}`],
    ['lkc-1', '---', `ck-lkc-1-${ID}`],
    ['c'.repeat(64), `${'a'.repeat(31)} ${'b'.repeat(16)}`, `ck-${'c'.repeat(64)}-${'a'.repeat(31)}-${ID}`],
    ['c'.repeat(64), 'n'.repeat(64), `ck-${'c'.repeat(64)}-${'n'.repeat(32)}-${ID}`],
  ])('for cluster %s and name %j', (clusterId, name, expected) => {
    expect(defaultSecretName(clusterId, name, ID)).toBe(expected);
  });

  it('is legal in Key Vault whatever the name, and keeps its ends', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(fc.stringMatching(CLUSTER_ID), fc.oneof(name, fc.string({ maxLength: 64 })), (clusterId, text) => {
        const secretName = defaultSecretName(clusterId, text, ID);
        expect(secretName).toMatch(/^ck-[0-9a-zA-Z-]{1,124}$/);
        expect(secretName.startsWith(`ck-${clusterId.replaceAll('_', '-')}-`)).toBe(true);
        expect(secretName.endsWith(`-${ID}`)).toBe(true);
      }),
    );
  });
});

describe('checkChosenName', () => {
  it.each(['portal-kafka', 'PORTAL-kafka', 'portal-'])('takes %s under the prefix', (name) => {
    expect(checkChosenName(name, { secretNamePrefix: 'Portal-' })).toBeUndefined();
  });

  it.each(['kafka', 'portal', 'my-portal-kafka'])('refuses %s outside of the prefix', (name) => {
    expect(checkChosenName(name, { secretNamePrefix: 'portal-' })).toEqual({
      pointer: '/secretName',
      detail: 'must begin with "portal-"',
    });
  });

  it('refuses every name of a caller without a prefix', () => {
    expect(checkChosenName('kafka', {})).toEqual({
      pointer: '/secretName',
      detail: 'may not be chosen: policy gives this caller no prefix',
    });
  });
});
