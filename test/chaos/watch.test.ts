import { beforeEach, expect, it } from 'vitest';
import { FaultPlan } from '../../src/sandbox/kit/faults.ts';
import { markerOf, rotationIdOf } from '../../src/vending/model/idempotency.ts';
import { Watch } from './watch.ts';

const CALLER = 'queue:vend-requests';
const FIRST = 'a'.repeat(26);
const SECOND = rotationIdOf({ id: FIRST, caller: CALLER });
const THIRD = rotationIdOf({ id: SECOND, caller: CALLER });

const key = (id: string, owner: string, deleted = false) => ({
  ...{ id, deleted, name: 'n', clusterId: 'lkc-1' },
  secret: `secret of ${id}`,
  description: markerOf(owner, 1),
});
const version = (keyId: string, { enabled = true, value = `${keyId}:secret of ${keyId}` } = {}) => ({
  ...{ version: keyId, enabled, value, contentType: null, expiresOn: null },
  tags: { 'vend-key': keyId },
});

let keys = [key('k1', FIRST)];
let versions = [version('k1')];
const faults = new FaultPlan();
const watch = (): Watch => {
  const made = new Watch({ faults, arm: { keys: () => keys }, vault: { secrets: () => versions } });
  made.add({ requestId: FIRST, caller: CALLER, secretName: 's' });
  return made;
};
const seen = (made: Watch): string[] => {
  faults.take('table', 'get');
  return [...made.violations];
};

beforeEach(() => {
  keys = [key('k1', FIRST)];
  versions = [version('k1')];
});

it('is content with a rotation: both keys live, then the old one goes', () => {
  const made = watch();
  keys = [key('k1', FIRST), key('k2', SECOND)];
  expect(seen(made)).toEqual([]);
  versions = [version('k1'), version('k2')];
  expect(seen(made)).toEqual([]);
  keys = [key('k1', FIRST, true), key('k2', SECOND), key('k3', THIRD)];
  expect(seen(made)).toEqual([]);
});

it.each([
  ['the key is gone', [key('k1', FIRST, true)], [version('k1')]],
  ['the new key is gone', [key('k1', FIRST), key('k2', SECOND, true)], [version('k1'), version('k2')]],
  ['nobody knows the key', [key('k1', FIRST)], [version('k9')]],
  ['the value is of another key', [key('k1', FIRST)], [version('k1', { value: 'secret of k2' })]],
  ['the newest version is disabled', [key('k1', FIRST)], [version('k1'), version('k1', { enabled: false })]],
  ['three keys live', [key('k1', FIRST), key('k2', SECOND), key('k3', THIRD)], [version('k1')]],
])('sees at the next call of any service that %s', (_, nextKeys, nextVersions) => {
  const made = watch();
  [keys, versions] = [nextKeys, nextVersions];
  expect(seen(made)).toHaveLength(1);
});
