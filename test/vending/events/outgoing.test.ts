import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readEvent } from '../../../src/vending/events/incoming.ts';
import { eventsOf } from '../../../src/vending/events/outgoing.ts';
import { EVENT_KINDS, eventJsonSchema } from '../../../src/vending/events/outgoing-schema.ts';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { TRANSITION_NAMES, type TransitionName } from '../../../src/vending/model/transitions.ts';
import {
  DAY,
  HOUR,
  ID,
  NEXT,
  NOW,
  PREVIOUS,
  rows,
  SECRET_NAME,
  secretOf,
  TARGET,
  VAULT_URL,
} from '../model/credentials.ts';
import { eventOf, HAPPENED } from './outgoing-events.ts';

const SECRET = `cflt${'Aa0/+'.repeat(12)}`;
const iso = (at: number): string => new Date(at).toISOString();

const COMMON = {
  credentialId: ID,
  caller: 'queue:orders',
  target: TARGET,
  vaultUrl: VAULT_URL,
  secretName: SECRET_NAME,
};
const STORED = {
  keyVaultReference: `@Microsoft.KeyVault(SecretUri=${VAULT_URL}/secrets/${SECRET_NAME}/)`,
  expiresOn: iso(NOW + 90 * DAY),
};
const FIRST_KEY = { ...STORED, apiKeyId: 'KEY1', secretId: secretOf('v1').id };
const DATA = {
  vended: { ...COMMON, ...FIRST_KEY, sequence: 3, attempt: 1 },
  rotated: {
    ...COMMON,
    ...STORED,
    sequence: 6,
    attempt: 2,
    apiKeyId: 'KEY2',
    secretId: secretOf('v2').id,
    replacedApiKeyId: 'KEY1',
    revokeAt: iso(NOW + 25 * HOUR),
  },
  revoked: { ...COMMON, sequence: 7, attempt: 2, apiKeyId: 'KEY1', secretId: secretOf('v1').id, replacedBy: 'KEY2' },
  orphaned: { ...COMMON, sequence: 2, attempt: 1, marker: `vend:${ID}.1.aaaaaa` },
  failed: { ...COMMON, sequence: 4, attempt: 1, problem: 'upstream-refused', apiKeyId: 'KEY1' },
  expired: { ...COMMON, ...FIRST_KEY, sequence: 8, attempt: 1, willBeRevoked: true },
};

const schema = z.object({
  properties: z.looseObject({ data: z.object({ properties: z.record(z.string(), z.unknown()) }) }),
});

describe.each(EVENT_KINDS)('the event of a key that is %s', (kind) => {
  const event = eventOf(kind);

  it('is a CloudEvent named by its commit, with the number of that commit', () => {
    expect(event).toEqual({
      specversion: '1.0',
      id: `${HAPPENED[kind].after.writeId}.0`,
      source: 'urn:confluent-key-vending',
      type: `confluent-key-vending.apikey.${kind}.v1`,
      subject: ID,
      time: '2026-01-01T00:00:00.000Z',
      datacontenttype: 'application/json',
      data: DATA[kind],
    });
  });

  it('has no other fields than are published', () => {
    const { properties } = schema.parse(eventJsonSchema(kind));
    expect(new Set(Object.keys(properties))).toEqual(new Set(Object.keys(event)));
    for (const field of Object.keys(event.data)) expect(Object.keys(properties.data.properties)).toContain(field);
  });

  it('leaves behind everything else that the row holds', () => {
    const { after } = HAPPENED[kind];
    const work = after.work && { work: { ...after.work, secret: { id: SECRET, version: SECRET } } };
    const laden = { ...after, ...work, secret: SECRET };
    expect(JSON.stringify(laden)).toContain(SECRET);
    expect(eventsOf({ ...HAPPENED[kind], after: laden, at: NOW })).toEqual([event]);
  });

  it('is read by the service’s own reader as nothing that it should act on', () => {
    expect(readEvent(event)).toEqual({ kind: 'other', id: event.id, type: event.type });
  });
});

const typesOf = (change: TransitionName, before: Credential | undefined, after: Credential): string[] =>
  eventsOf({ change, before, after, at: NOW }).map(({ type }) => type.split('.')[2] ?? '');

describe('a commit', () => {
  const revocation = { since: NOW, by: 'queue:orders' };

  it.each<[string, TransitionName, Credential | undefined, Credential, string[]]>([
    [
      'that recovers a key is worth what a living worker’s is',
      'recoverVended',
      rows.minted(),
      rows.vended(),
      ['vended'],
    ],
    ['of an operator who adopts a key, likewise', 'resolveAsVended', rows.unknown(), rows.vended(), ['vended']],
    ['that rotates is no second vend', 'recoverVended', rows.rotating(), rows.rotated(), ['rotated']],
    [
      'that finds nothing of a dead worker’s key is an orphan',
      'recoverUnknown',
      rows.minting(),
      rows.unknown(),
      ['orphaned'],
    ],
    ['of an operator who says "none" is a failure', 'resolveWithoutKey', rows.unknown(), rows.failed(), ['failed']],
    [
      'that ends a revocation tells of both keys',
      'recordRevoked',
      rows.rotated({ revocation }),
      rows.revoked(),
      ['revoked', 'revoked'],
    ],
    [
      'that ends one key of two tells of that',
      'recordRevoked',
      rows.rotated({ revocation }),
      rows.revoking(),
      ['revoked'],
    ],
    [
      'that ends the current key of two tells of that alone',
      'recordRevoked',
      rows.rotated({ revocation }),
      rows.failed({ revocation, previous: PREVIOUS }),
      ['revoked'],
    ],
    [
      'of an operator whose word ends a failed attempt is a failure',
      'wordGone',
      rows.compensating(),
      rows.failed(),
      ['failed'],
    ],
    ['of an operator whose word ends a key is a revocation', 'wordGone', rows.revoking(), rows.revoked(), ['revoked']],
    [
      'of an operator whose word ends a key beside a failed attempt is a revocation',
      'wordGone',
      rows.compensating({ revocation, current: NEXT }),
      rows.compensating({ revocation }),
      ['revoked'],
    ],
    [
      'that ends an attempt of a revoked credential is silent: nobody waits for it',
      'recordNotMinted',
      rows.minting({ revocation }),
      rows.failed({ revocation }),
      [],
    ],
    ['that claims is silent', 'claimVend', undefined, rows.minting(), []],
    ['that revokes is silent until keys are gone', 'revoke', rows.vended(), rows.revoking(), []],
  ])('%s', (_, change, before, after, types) => {
    expect(typesOf(change, before, after)).toEqual(types);
  });

  it('that tells of several keys has an event id for each', () => {
    const ids = eventsOf({
      change: 'recordRevoked',
      before: rows.rotated({ revocation }),
      after: rows.revoked(),
      at: NOW,
    });
    expect(ids.map(({ id }) => id)).toEqual(['write-1.0', 'write-1.1']);
  });

  it('of every transition tells at most of what its row shows', () => {
    for (const change of TRANSITION_NAMES)
      expect(typesOf(change, rows.vended(), rows.vended()).length).toBeLessThanOrEqual(1);
  });
});

it('an expiry that revokes nothing says so', () => {
  const after = rows.vended({}, { expiresOn: NOW });
  const [event] = eventsOf({ change: 'noteExpiry', before: after, after, at: NOW });
  expect(event?.data).toMatchObject({ willBeRevoked: false });
});
