import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { executeCommand } from '../../../src/vending/commands/command.ts';
import { findCredential, findKey } from '../../../src/vending/commands/find.ts';
import { listOpen } from '../../../src/vending/commands/open.ts';
import { failed, spanOfOutcome } from '../../../src/vending/commands/outcome.ts';
import { problemOf } from '../../../src/vending/model/problems.ts';
import { rowOf } from '../../../src/vending/model/rows.ts';
import { RecordedTelemetry } from '../recorded-telemetry.ts';
import {
  currentKeyIn,
  endOverlapIn,
  faultsAt,
  heldAt,
  ID,
  OPERATOR,
  OWN,
  revokeIn,
  rotateIn,
  rowIn,
  SETTINGS,
  typeOf,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import { World } from '../world/world.ts';
import { lastKeyIn, unansweredWorld } from './resolve-scenes.ts';

let world: World;
let key: string;
beforeEach(async () => {
  world = new World();
  await vendIn(world);
  await world.settled();
  key = currentKeyIn(world);
});

const put = (rowKey: string, text: string): void => void world.ledger.rows.set(rowKey, { text, etag: world.id('e') });

describe('the owner of a key', () => {
  it.each<[string, () => void, string]>([
    ['is gone', () => world.ledger.lose(`credential_${ID}`), 'not-found'],
    ['cannot be read', () => put(`credential_${ID}`, '{}'), 'ledger-unavailable'],
    [
      'is not answered by the ledger',
      () => {
        world.fault = faultsAt({ read: { 2: 'lost' } });
      },
      'ledger-unavailable',
    ],
  ])('that %s is named in the refusal', async (_, prepare, type) => {
    prepare();
    expect(await findKey(world.ctx('operator'), key)).toMatchObject({ kind: 'problem', id: ID, problem: { type } });
  });

  it('that cannot be read is named in the log', async () => {
    put(`credential_${ID}`, '{}');
    world.logs = [];
    await findKey(world.ctx('operator'), key);
    expect(world.logs).toEqual([{ level: 'error', event: 'row-unreadable', credentialId: ID }]);
  });
});

it('a credential of somebody else is refused by its id, as one that nobody has', async () => {
  const authority = { kind: 'caller', caller: { id: 'queue:other', roles: [] } } as const;
  const refused = await findCredential(world.ctx(), SETTINGS.policy, { authority, id: ID });
  expect(refused).toMatchObject({ kind: 'problem', id: ID, problem: { type: 'not-found' } });
});

describe('the end of an overlap', () => {
  it('of a key that is being made is refused: it has no overlap', async () => {
    const goOn = await heldAt(world, 'store', 1, () => rotateIn(world));
    world.turn = async () => undefined;
    expect(rowIn(world).work?.keyId).toBe(lastKeyIn(world));
    expect(typeOf(await endOverlapIn(world, lastKeyIn(world)))).toBe('no-overlap');
    await goOn();
  });

  it('of a key that the ledger does not look up is to be asked for again', async () => {
    world.fault = faultsAt({ read: { 2: 'lost' } });
    expect(typeOf(await endOverlapIn(world, 'KEY404'))).toBe('ledger-unavailable');
  });
});

it('a revocation that is not proven yet says when to ask again', async () => {
  world.fault = (call) => (call === 'deleteKey' ? 'lost' : undefined);
  expect(await revokeIn(world)).toMatchObject({ kind: 'revoking', retryAfterMs: 15_000 });
});

describe('what waits for a person', () => {
  const openIn = (): readonly string[] => world.ledger.keys('open');
  const page = (reason?: 'unknown' | 'undecided') => listOpen(world.ctx('operator'), { reason, limit: 10 });
  const plantOpen = (since: number): void => {
    const { key: rowKey, value } = rowOf('open', { id: ID, since, reason: 'unknown' });
    put(rowKey, JSON.stringify(value));
  };

  it('is listed once, with and without its reason, and nothing that cannot be read is named where there is nothing', async () => {
    world = await unansweredWorld();
    plantOpen(1);
    for (const reason of [undefined, 'unknown'] as const) {
      const listed = await page(reason);
      expect(listed?.credentials.map(({ id }) => id)).toEqual([ID]);
      expect(listed).not.toHaveProperty('unreadable');
      expect(listed).not.toHaveProperty('next');
    }
    expect(await page('undecided')).toEqual({ credentials: [] });
    expect(openIn()).toHaveLength(1);
  });

  it('is no credential that was decided: its row is removed before the page is answered', async () => {
    plantOpen(1);
    world.turn = async (call) => {
      if (call === 'cleanUp') await setImmediate();
    };
    expect(await page()).toEqual({ credentials: [] });
    expect(openIn()).toEqual([]);
  });
});

describe('what a span says', () => {
  const { kind, ...rest } = failed(problemOf('internal-error', 'x'), ID);

  it('of a problem: whose it is, and of 500 and more that we failed', () => {
    expect(spanOfOutcome({ kind, ...rest })).toEqual({
      outcome: 'internal-error',
      attempt: 0,
      failed: true,
      credentialId: ID,
    });
    const early = { outcome: 'malformed-request', attempt: 0, failed: false };
    expect(spanOfOutcome(failed(problemOf('malformed-request', 'x')))).toStrictEqual(early);
  });

  it.each([false, true])('of a command that is done, or tried out (validateOnly %s)', async (validateOnly) => {
    const telemetry = new RecordedTelemetry();
    const command = { operation: 'revoke', authority: OWN, id: ID, validateOnly } as const;
    await executeCommand({ ...world.ctx(), telemetry }, SETTINGS, command);
    const outcome = validateOnly ? 'previewed' : 'revoked';
    const done = validateOnly ? {} : { attempt: 1 };
    expect(telemetry.spans).toMatchObject([{ name: 'revoke', attributes: { outcome, credentialId: ID, ...done } }]);
    const dimensions = { operation: 'revoke', outcome };
    expect(telemetry.measurements).toEqual([{ instrument: 'vending.outcomes', value: 1, dimensions }]);
  });

  it('of an overlap that an operator ends, which a trial leaves', async () => {
    await rotateIn(world);
    const command = { operation: 'end-overlap', authority: OPERATOR, id: ID, apiKeyId: key } as const;
    const trial = await executeCommand(world.ctx(), SETTINGS, { ...command, validateOnly: true });
    expect([trial.kind, world.confluent.live().includes(key)]).toEqual(['previewed', true]);
    withoutFaults(world);
    const done = await executeCommand(world.ctx(), SETTINGS, { ...command, validateOnly: false });
    expect(spanOfOutcome(done)).toEqual({ outcome: 'overlap-ended', credentialId: ID, attempt: 2 });
  });
});
