import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBulk } from '../../../src/vending/commands/bulk.ts';
import { endOverlapNow } from '../../../src/vending/commands/end-overlap.ts';
import { revoke } from '../../../src/vending/commands/revoke.ts';
import { rotate } from '../../../src/vending/commands/rotate.ts';
import { statusOf } from '../../../src/vending/model/credential.ts';
import { continueBulks } from '../../../src/vending/review/bulk.ts';
import { DYING, withLateWrite } from './dead-workers.ts';
import { type CallsRig, credentialIn, startCallsRig } from './rig.ts';

/** What each path asks the services for, call by call: another call is another line here. */

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

let rig: CallsRig;
beforeAll(async () => {
  rig = await startCallsRig();
  // Tokens are fetched, and a connection to each service is open, as in a function that has served for a while.
  const id = await vended('first');
  await rotated(id, 'first');
  await overlapEnded(id, await previousOf(id));
  await revoked(id);
});
afterAll(() => rig.close());

const vended = async (key: string, more: object = {}): Promise<string> => credentialIn(await rig.vend(key, more)).id;
const rotated = (id: string, requestKey: string) =>
  rotate(rig.context('worker'), rig.settings, { authority: rig.authority, id, requestKey, requestHash: 'hash' });
const revoked = (id: string) => revoke(rig.context('worker'), rig.settings, { authority: rig.authority, id });
const previousOf = async (id: string): Promise<string> => (await rig.row(id)).credential.previous?.keyId ?? '';
const overlapEnded = (id: string, apiKeyId: string) =>
  endOverlapNow(rig.context('worker'), rig.settings, { authority: rig.authority, id, apiKeyId });

const CREATE = 'arm POST …/environments/env-12132/clusters/clusterId-123/createAPIKey';
/** The POST goes over the connection that the one before left open ahead, so no handshake is on the way. */
const ATTEMPT = [
  'table POST /$batch',
  CREATE,
  // For the next one.
  'table POST /$batch, meanwhile a connection to arm',
  'vault PUT /secrets/{name}',
  'table POST /$batch',
];
const DELETION = ['vault PATCH /secrets/{name}/{version}', 'arm GET …/apiKeys/{id}', 'arm DELETE …/apiKeys/{id}'];

describe('a request', () => {
  it('for a key', async () => {
    expect(await rig.callsOf(() => vended('vend'))).toEqual(ATTEMPT);
  });

  it('for a key with a name of its own', async () => {
    expect(await rig.callsOf(() => vended('named', { secretName: 'orders-main' }))).toEqual([
      'table GET row credential',
      'vault GET /secrets/orders-main/versions',
      'vault GET /deletedsecrets/orders-main',
      ...ATTEMPT.with(3, 'vault PUT /secrets/orders-main'),
    ]);
  });

  it('that is repeated', async () => {
    await vended('repeated');
    const repetition = () => rig.callsOf(() => vended('repeated'));
    expect(await repetition()).toEqual(['table POST /$batch', 'table GET row credential']);
    // It has closed what was open ahead. Nobody knows yet that nothing will be sent over this one either.
    expect(await repetition()).toEqual([
      'table POST /$batch, meanwhile a connection to arm',
      'table GET row credential',
    ]);
  });

  it('for a rotation, its repetition, and the end of the overlap', async () => {
    const id = await vended('rotated');
    expect(await rig.callsOf(() => rotated(id, 'r'))).toEqual(['table GET row credential', ...ATTEMPT]);
    expect(await rig.callsOf(() => rotated(id, 'r'))).toEqual([
      'table GET row credential',
      'table GET row rotation',
      'table GET row attempt',
    ]);
    const apiKeyId = await previousOf(id);
    expect(await rig.callsOf(() => overlapEnded(id, apiKeyId))).toEqual([
      ...['table GET row credential', 'table POST /$batch', ...DELETION, 'table POST /$batch'],
    ]);
  });

  it('for a revocation', async () => {
    const id = await vended('revoked');
    expect(await rig.callsOf(() => revoked(id))).toEqual([
      ...['table GET row credential', 'table POST /$batch', ...DELETION],
      // For keys that the row does not name.
      ...['vault GET /secrets/{name}/versions', 'table POST /$batch'],
    ]);
  });
});

const LISTED = 'vault GET /secrets/{name}/versions';
const TERMS = { rotateEvery: 'P3D' };

describe('the reconciler', () => {
  const reviewAfter = (ms: number, id: string, terms?: object): Promise<readonly string[]> => {
    rig.pass(ms);
    return rig.review(id, terms);
  };

  it('with nothing to do', async () => {
    // Audit records, due rows, bulk operations, rows to be forgotten.
    expect(await rig.callsOf(() => rig.run())).toEqual(Array(4).fill('table GET rows'));
  });

  it('ends an overlap', async () => {
    const id = await vended('overlap');
    await rotated(id, 'r');
    expect(await reviewAfter(2 * DAY, id)).toEqual([...DELETION, 'table POST /$batch']);
  });

  it('asks for a rotation that is due', async () => {
    const { id } = credentialIn(await rig.vend('rotation', {}, TERMS));
    expect(await reviewAfter(4 * DAY, id, TERMS)).toEqual(['bus send', 'table POST /$batch']);
  });

  it('notes that a secret has expired', async () => {
    const id = await vended('expiring', { validFor: 'P9D' });
    // Its rotation was due before, and nobody did it.
    await reviewAfter(8.5 * DAY, id);
    expect(await reviewAfter(0.5 * DAY, id)).toEqual(['table POST /$batch']);
  });

  const AS_UNKNOWN = [LISTED, 'table POST /$batch'];
  const AS_VENDED = [LISTED, 'arm GET …/apiKeys/{id}', 'table POST /$batch'];
  const COMPENSATION = ['arm GET …/apiKeys/{id}', 'arm DELETE …/apiKeys/{id}', LISTED, 'table POST /$batch'];

  it.each([
    ['before the POST', 'unknown', AS_UNKNOWN],
    ['before the secret is stored', 'failed', [...AS_VENDED, ...COMPENSATION]],
    ['before "vended" is recorded', 'vended', AS_VENDED],
    ['before it deletes the key of a refused secret', 'failed', COMPENSATION],
  ] as const)('settles the attempt of a worker that died %s', async (step, status, calls) => {
    const id = await rig.die(step, DYING[step](rig.effects));
    expect(await reviewAfter(10 * MINUTE, id)).toEqual(calls);
    expect(statusOf((await rig.row(id)).credential)).toBe(status);
  });

  it('sweeps after an attempt that failed, and disables what landed late', async () => {
    const { effects, land } = withLateWrite(rig.effects);
    const id = await rig.die('late', effects);
    await reviewAfter(10 * MINUTE, id);
    await land();
    // The row is read again, for it has to know the attempt of each version that was listed.
    const disabled = ['table GET row credential', 'arm GET …/apiKeys/{id}', 'vault PATCH /secrets/{name}/{version}'];
    expect(await reviewAfter(10 * MINUTE, id)).toEqual([LISTED, ...disabled, 'table POST /$batch']);
  });

  it('sweeps after a revocation, and forgets it in the end', async () => {
    const id = await vended('forgotten');
    await revoked(id);
    expect(await reviewAfter(10 * MINUTE, id)).toEqual([LISTED, 'table POST /$batch']);
    expect(await reviewAfter(31 * DAY, id)).toEqual([
      // Its attempts with their keys, its rotations, itself, its date.
      ...[
        'table GET rows',
        'table POST /$batch',
        'table GET rows',
        'table DELETE row credential',
        'table POST /$batch',
      ],
    ]);
  });

  it('marks the member of a bulk revocation, and revokes it', async () => {
    const { id } = credentialIn(await rig.vend('member', {}, { name: 'leaked' }));
    const request = { operation: 'revoke', filter: { rule: 'leaked' }, expect: 1 } as const;
    const start = () => startBulk(rig.context('operator'), { by: 'operator:entra:t:o', key: 'leak', request });
    expect(await rig.callsOf(start)).toEqual([
      ...['table GET row bulk', 'table GET rows'],
      // The operation, its members, its begin.
      ...['table POST /$batch', 'table POST /$batch', 'table POST /$batch'],
    ]);
    expect(await rig.callsOf(() => continueBulks(rig.context('reconciler')))).toEqual([
      // Operations under way. This one, its pauses and its members.
      ...['table GET rows', 'table GET row bulk', 'table GET rows', 'table GET rows'],
      ...['table GET row credential', 'table POST /$batch', 'table POST /$batch'],
    ]);
    expect(await reviewAfter(MINUTE, id)).toEqual([...DELETION, LISTED, 'table POST /$batch']);
  });
});
