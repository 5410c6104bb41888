import { beforeEach, describe, expect, it } from 'vitest';
import { createRotationRequests } from '../../../src/functions/queue/retry-messages.ts';
import { DAY, HOUR, rowIn, SETTINGS, tick } from '../../vending/world/steps.ts';
import {
  BACKOFF,
  bodyOf,
  FakeMessenger,
  only,
  QUEUES,
  type Sent,
  type Service,
  serviceWithCredential,
} from './service.ts';

let service: Service;
let id: string;
let firstKey: string;
beforeEach(async () => {
  ({ service, id, keyId: firstKey } = await serviceWithCredential());
});

const currentKey = (): string => rowIn(service.world, id).current?.key.id ?? '';

describe('a rotation that the service asks for', () => {
  const ask = async (notBefore = service.world.now, etag = 'row-1'): Promise<Sent> => {
    const messenger = new FakeMessenger();
    const { request } = createRotationRequests(messenger, QUEUES.retryQueue);
    const attempt = rowIn(service.world, id).current?.attempt ?? 0;
    await request({ credentialId: id, attempt, replaces: currentKey(), etag, notBefore: new Date(notBefore) });
    return only(messenger.sent);
  };

  it('says all that its worker needs', async () => {
    const { now } = service.world;
    expect(bodyOf(await ask())).toEqual({
      envelope: {
        ...{ origin: 'service', caller: 'schedule', roles: [], reply: {}, rescheduleCount: 1, attempts: 0 },
        reference: expect.stringMatching(/^[0-9a-f]{64}$/),
        expiresAt: now + DAY,
      },
      work: {
        kind: 'operation',
        key: { kind: 'key', key: `${id}:1` },
        operation: { operation: 'rotate', id, replaces: firstKey },
      },
    });
  });

  it('is done by the worker that takes its message, at its time, and nobody is answered', async () => {
    const sent = await ask(service.world.now + 5_000);
    expect(sent.notBefore?.getTime()).toBe(service.world.now + 5_000);
    expect(await service.retryInTime(sent)).toEqual([]);
    expect(currentKey()).not.toBe(firstKey);
  });

  it('is one rotation, however often it is sent', async () => {
    const sent = [await ask(), await ask(service.world.now, 'row-2')];
    expect(new Set(sent.map(({ message }) => message.messageId)).size).toBe(2);
    await service.retry(sent[0]?.message ?? only([]).message);
    const key = currentKey();
    // The overlap is over, so nothing else would stop a second one.
    service.world.pass(40 * DAY);
    await tick(service.world);
    expect(rowIn(service.world, id).previous).toBeUndefined();
    await service.retry(sent[1]?.message ?? only([]).message);
    expect([currentKey(), service.errors]).toEqual([key, []]);
  });

  it('is one message for one row, and another for the next, however soon', async () => {
    const idFor = async (etag: string, ms: number) => (await ask(service.world.now + ms, etag)).message.messageId;
    const ids = [await idFor('row-1', 0), await idFor('row-1', 200), await idFor('row-2', 0)];
    expect(ids.map((messageId) => messageId === ids[0])).toEqual([true, true, false]);
  });

  it('is not done where somebody else replaced the key meanwhile', async () => {
    const sent = await ask();
    await service.request({ operation: 'rotate', id }, { messageId: 'm-1' });
    await service.request({ operation: 'end-overlap', id, apiKeyId: firstKey });
    const key = currentKey();
    await service.retry(sent.message);
    expect([currentKey(), service.world.confluent.posts.length, service.errors]).toEqual([key, 2, []]);
  });

  it('waits through a pause by the hour, and for a day: then the reconciler asks again', async () => {
    service.settings = { ...SETTINGS, mode: 'paused' };
    let sent = [await ask()];
    let hours = 0;
    for (; sent.length > 0 && hours < 100; hours++) {
      sent = await service.retryInTime(only(sent));
      if (sent.length > 0) expect(only(sent).notBefore?.getTime()).toBe(service.world.now + HOUR);
    }
    expect(hours).toBe(25);
    expect([service.errors, service.world.confluent.posts.length]).toEqual([[], 1]);
  });

  it('is done after a pause', async () => {
    service.settings = { ...SETTINGS, mode: 'paused' };
    const sent = only(await service.retry((await ask()).message));
    service.settings = SETTINGS;
    expect(await service.retryInTime(sent)).toEqual([]);
    expect(currentKey()).not.toBe(firstKey);
  });

  it('is reported to the operators where ARM throttles it for a day: then the reconciler asks again', async () => {
    service.world.confluent.throttledMs = HOUR;
    const asked = service.world.now;
    let sent = [await ask()];
    for (let waits = 0; sent.length > 0 && waits < 100; waits++) {
      expect(service.errors).toEqual([]);
      sent = await service.retryInTime(only(sent));
    }
    expect(service.world.now).toBe(asked + DAY);
    expect(service.errors.join()).toContain('"event":"unasked-change-failed","problem":"expired"');
    expect(currentKey()).toBe(firstKey);
  });

  it('is reported to the operators when its attempts are used up', async () => {
    service.isVaultWritable = false;
    let sent = [await ask()];
    let attempts = 0;
    for (; sent.length > 0 && attempts < 100; attempts++) {
      expect(service.errors.join()).not.toContain('unasked-change-failed');
      sent = await service.retryInTime(only(sent));
    }
    expect(attempts).toBe(BACKOFF.maxAttempts + 1);
    expect(service.errors.join()).toContain('"event":"unasked-change-failed","problem":"vault-unavailable"');
    expect(currentKey()).toBe(firstKey);
  });

  it.each(['normal', 'paused'] as const)('is reported where policy does not grant it: %s', async (mode) => {
    service.settings = { ...SETTINGS, policy: { rules: [] }, mode };
    expect(await service.retry((await ask()).message)).toEqual([]);
    const record = { event: 'unasked-change-failed', problem: 'forbidden', credentialId: id };
    expect(service.errors).toEqual([JSON.stringify(record)]);
  });

  it('is dropped without an error where the key before the current one still lives', async () => {
    await service.request({ operation: 'rotate', id }, { messageId: 'm-1' });
    expect(await service.retry((await ask()).message)).toEqual([]);
    expect([service.errors, service.world.confluent.posts.length]).toEqual([[], 2]);
  });

  it('is dropped without an error where there is no such credential', async () => {
    const sent = await ask();
    service.world.ledger.rows.clear();
    expect(await service.retry(sent.message)).toEqual([]);
    expect([service.errors, service.world.confluent.posts.length]).toEqual([[], 1]);
  });

  it('is dropped without an error where the credential was revoked meanwhile', async () => {
    const sent = await ask();
    await service.request({ operation: 'revoke', id });
    expect(await service.retry(sent.message)).toEqual([]);
    expect([service.errors, service.world.confluent.posts.length]).toEqual([[], 1]);
  });
});
