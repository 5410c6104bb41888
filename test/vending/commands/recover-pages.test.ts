import { beforeEach, describe, expect, it } from 'vitest';
import { recover } from '../../../src/vending/commands/recovery/recover.ts';
import { recoveryRecordSchema } from '../../../src/vending/model/audit.ts';
import { SETTINGS, withRule } from '../world/steps.ts';
import { VAULT, World } from '../world/world.ts';
import { loseAll, recoverIn, twoCredentials } from './recover-scenes.ts';

const OTHER = 'https://other.vault.azure.net';

let world: World;
beforeEach(() => {
  world = new World();
});

const addNames = (...names: readonly string[]): void => {
  for (const name of names) world.vault.add(world, { vaultUrl: VAULT, name });
};

describe('a call of recovery', () => {
  const NAMES = ['g', 'B', 'f', 'A', 'd', 'C', 'e'];

  it('goes through the names in their order, whatever their case and the order of the vault', async () => {
    addNames(...NAMES);
    world.timeLeft = 0;
    const first = await recoverIn(world);
    expect([first.looked, first.next]).toEqual([5, 'e']);
    const second = await recoverIn(world, { cursor: 'E' });
    expect([second.looked, second.next]).toEqual([2, undefined]);
  });

  it.each([
    [60_000, 5],
    [60_001, 7],
  ])('with %d ms left looks at %d secrets', async (timeLeft, looked) => {
    addNames(...NAMES);
    world.timeLeft = timeLeft;
    expect((await recoverIn(world)).looked).toBe(looked);
  });

  it('over exactly one page says that there is no next', async () => {
    addNames('a', 'b', 'c', 'd', 'e');
    world.timeLeft = 0;
    expect(await recoverIn(world)).not.toHaveProperty('next');
  });

  it('over an empty vault looks at nothing', async () => {
    expect(await recoverIn(world)).toEqual({
      vaultUrl: VAULT,
      validateOnly: false,
      looked: 0,
      secrets: [],
      unclear: [],
    });
  });

  it('names the secrets that the vault did not list, and no others', async () => {
    addNames('a', 'b', 'c');
    let listed = 0;
    world.fault = (call) => (call === 'listVersions' && ++listed === 2 ? 'lost' : undefined);
    expect((await recoverIn(world)).unclear).toEqual(['b']);
    const upstream = expect.objectContaining({ service: 'vault' });
    expect(world.logs).toEqual([{ level: 'warn', event: 'vault-not-listed', upstream }]);
  });

  it('that the vault does not answer is to be sent again, and says what the vault answered', async () => {
    world.fault = (call) => (call === 'listNames' ? 'lost' : undefined);
    const recovered = await recover(world.ctx('operator'), SETTINGS, {});
    expect(recovered).toMatchObject({ problem: { type: 'vault-unavailable', retryAfterMs: 15_000 } });
    const upstream = expect.objectContaining({ service: 'vault' });
    expect(world.logs).toEqual([{ level: 'warn', event: 'vault-not-listed', upstream }]);
    expect(world.audit).toEqual([]);
  });

  it.each(['https://other.vault.azure.net', 'https://OTHER.vault.azure.net/'])(
    'reads the vault %s that a rule of the policy names',
    async (vaultUrl) => {
      world.vault.add(world, { vaultUrl: OTHER, name: 'a' });
      expect(await recoverIn(world, { vaultUrl: OTHER }, withRule({ vaultUrl }))).toMatchObject({ looked: 1 });
    },
  );
});

describe('the record of a run', () => {
  const counts = { looked: 2, inserted: 2, known: 0, notInserted: 0, deleted: 0 };
  beforeEach(async () => {
    world = await twoCredentials();
    loseAll(world);
    world.logs = [];
    world.audit = [];
  });

  it('counts what it did, and says from where on it read', async () => {
    await recoverIn(world, { cursor: 'a' });
    const record = recoveryRecordSchema.parse(world.audit.at(-1));
    const [id, at] = [expect.any(String), new Date(world.now).toISOString()];
    expect(record).toEqual({ id, at, actor: 'operator:entra:t:o', vaultUrl: VAULT, after: 'a', ...counts });
    world.audit = [];
    await recoverIn(world);
    const again = { ...counts, inserted: 0, known: 2 };
    expect(world.audit).toEqual([{ id, at, actor: 'operator:entra:t:o', vaultUrl: VAULT, ...again }]);
  });

  it('of a dry run is in the log alone, because it changes nothing', async () => {
    await recoverIn(world, { validateOnly: true });
    const line = { level: 'info', event: 'recovery-tried', caller: 'operator:entra:t:o', state: VAULT, counts };
    expect([world.logs, world.audit]).toEqual([[line], []]);
  });

  it('counts what it could not insert', async () => {
    await recoverIn(world, {}, withRule({ allowedOwners: ['u-*'] }));
    expect(world.audit.at(-1)).toMatchObject({ inserted: 0, known: 0, notInserted: 2 });
  });
});
