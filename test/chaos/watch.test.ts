import { beforeEach, expect, it } from 'vitest';
import { FaultPlan } from '../../src/sandbox/kit/faults.ts';
import { markerOf } from '../../src/vending/model/idempotency.ts';
import { Watch } from './watch.ts';

const ID = 'a'.repeat(26);
const NONCE = 'bcdefg';

const key = (id: string, attempt: number, deleted = false) => ({
  ...{ id, deleted, name: 'n', clusterId: 'lkc-1' },
  secret: `secret of ${id}`,
  description: markerOf(ID, { attempt, nonce: NONCE }),
});
const version = (keyId: string, { enabled = true, value = `${keyId}:secret of ${keyId}` } = {}) => ({
  ...{ version: keyId, enabled, value, contentType: null, expiresOn: null },
  tags: { 'vend-id': ID, 'vend-attempt': '1', 'vend-nonce': NONCE, 'vend-key': keyId },
});

let keys = [key('k1', 1)];
let versions = [version('k1')];
const faults = new FaultPlan();
const watch = (): Watch => {
  const made = new Watch({ faults, arm: { keys: () => keys }, vault: { secrets: () => versions } });
  made.add({ id: ID, secretName: 's' });
  return made;
};
const seen = (made: Watch): string[] => {
  faults.take('table', 'get');
  return [...made.violations];
};

beforeEach(() => {
  keys = [key('k1', 1)];
  versions = [version('k1')];
});

it('is content with a rotation: both keys live, then the old one is deleted', () => {
  const made = watch();
  keys = [key('k1', 1), key('k2', 2)];
  expect(seen(made)).toEqual([]);
  versions = [version('k1'), version('k2')];
  expect(seen(made)).toEqual([]);
  keys = [key('k1', 1, true), key('k2', 2), key('k3', 3)];
  expect(seen(made)).toEqual([]);
});

it.each([
  ['the key is gone', [key('k1', 1, true)], [version('k1')]],
  ['the new key is gone', [key('k1', 1), key('k2', 2, true)], [version('k1'), version('k2')]],
  ['nobody knows the key', [key('k1', 1)], [version('k9')]],
  ['the value is of another key', [key('k1', 1)], [version('k1', { value: 'secret of k2' })]],
  ['the newest version is disabled', [key('k1', 1)], [version('k1'), version('k1', { enabled: false })]],
  ['three keys live', [key('k1', 1), key('k2', 2), key('k3', 3)], [version('k1')]],
  ['two keys of one attempt live', [key('k1', 1), key('k2', 1)], [version('k1')]],
])('sees at the next call of any service that %s', (_, nextKeys, nextVersions) => {
  const made = watch();
  [keys, versions] = [nextKeys, nextVersions];
  expect(seen(made)).toHaveLength(1);
});
