import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { secretNamed, startVaultWorld, VAULT_URL, type VaultWorld } from './emulated-vault.ts';

let world: VaultWorld;
beforeAll(async () => {
  world = await startVaultWorld();
});
beforeEach(() => world.faults.clear());
afterAll(() => world.emulator.close());

const puts = () => world.emulator.requests().filter(({ operation }) => operation === 'setSecret').length;
const versionsOf = (name: string) => world.emulator.secrets('teams', name) ?? [];

describe('store', () => {
  it('writes the value, its attributes and tags, and answers with the version', async () => {
    const secret = { ...secretNamed('orders', 'cflt-orders'), expiresOn: new Date('2030-01-01T00:00:00Z') };
    const outcome = await world.open().store(secret, 10_000);
    const [stored] = versionsOf('orders');
    expect(stored).toMatchObject({ value: 'cflt-orders', contentType: 'text/plain', enabled: true, tags: secret.tags });
    expect(stored?.expiresOn).toBe('2030-01-01T00:00:00.000Z');
    expect(outcome).toMatchObject({
      kind: 'stored',
      stored: { id: `${VAULT_URL}/secrets/orders/${stored?.version}`, version: stored?.version },
      upstream: { service: 'vault', status: 200, requestId: expect.any(String) },
    });
  });

  it.each([{ drop: 'after' as const }, { truncate: true }, { status: 503, headers: { 'retry-after': '0' } }])(
    'sends the secret once when it cannot know what became of it: %j',
    async (fault) => {
      const name = `lost-${Object.keys(fault)[0]}`;
      const vault = world.open();
      await vault.proveWritable(VAULT_URL);
      world.faults.add({ service: 'vault', operation: 'setSecret', times: 1, fault });
      const before = puts();
      expect((await vault.store(secretNamed(name, 'cflt-lost'), 10_000)).kind).toBe('ambiguous');
      expect(puts()).toBe(before + 1);
      const landed = versionsOf(name).map(({ version, tags }) => ({ version, tags }));
      expect(landed).toHaveLength('status' in fault ? 0 : 1);
      expect(await vault.listVersions(VAULT_URL, name)).toMatchObject({ kind: 'listed', versions: landed });
    },
  );

  it('is ambiguous when the vault answers after the deadline, and what landed is found', async () => {
    world.faults.add({ service: 'vault', operation: 'setSecret', times: 1, fault: { delayMs: 1_000 } });
    const vault = world.open();
    expect((await vault.store(secretNamed('slow', 'cflt-slow'), 300)).kind).toBe('ambiguous');
    const list = () => vault.listVersions(VAULT_URL, 'slow');
    await expect.poll(list).toMatchObject({ versions: [{ enabled: true, tags: { 'vend-id': 'id-of-slow' } }] });
  });

  it('is refused while a deleted secret holds the name', async () => {
    const vault = world.open();
    await vault.store(secretNamed('gone', 'cflt-gone'), 10_000);
    await (await world.officer.beginDeleteSecret('gone')).pollUntilDone();
    expect(await vault.store(secretNamed('gone', 'cflt-gone'), 10_000)).toMatchObject({
      kind: 'refused',
      reason: 'soft-deleted',
      upstream: { service: 'vault', status: 409, code: 'ObjectIsDeletedButRecoverable' },
    });
  });

  it('is refused, and may succeed later, while the identity lacks its role', async () => {
    expect(await world.open('stranger').store(secretNamed('orders', 'cflt-x'), 10_000)).toMatchObject({
      kind: 'refused',
      reason: 'transient',
      upstream: { status: 403, code: 'ForbiddenByRbac' },
    });
  });

  it('takes an expiry in the last second that the SDK can write', async () => {
    const last = new Date('2038-01-19T03:14:07Z');
    expect((await world.open().store({ ...secretNamed('last', 'cflt'), expiresOn: last }, 10_000)).kind).toBe('stored');
    expect(versionsOf('last')[0]?.expiresOn).toBe('2038-01-19T03:14:07.000Z');
  });

  it('keeps every body when stores run at once after the vault was proven writable', async () => {
    const vault = world.open();
    await vault.proveWritable(VAULT_URL);
    const names = ['a', 'b', 'c', 'd', 'e'].map((letter) => `burst-${letter}`);
    const outcomes = await Promise.all(names.map((name) => vault.store(secretNamed(name, `cflt-${name}`), 10_000)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(names.map(() => 'stored'));
    expect(names.map((name) => versionsOf(name)[0]?.value)).toEqual(names.map((name) => `cflt-${name}`));
  });
});

describe('what a name is', () => {
  it('is free, in use, or soft-deleted', async () => {
    const vault = world.open();
    expect(await vault.lookUpName(VAULT_URL, 'named')).toEqual({ kind: 'free' });
    await vault.store(secretNamed('named', 'cflt-1', 1), 10_000);
    expect(await vault.lookUpName(VAULT_URL, 'NAMED')).toEqual({ kind: 'in-use' });
    await (await world.officer.beginDeleteSecret('named')).pollUntilDone();
    expect(await vault.lookUpName(VAULT_URL, 'named')).toEqual({ kind: 'soft-deleted' });
  });

  it('is in use while one version is enabled, and free again once none is', async () => {
    const vault = world.open();
    for (const attempt of [1, 2, 3]) await vault.store(secretNamed('freed', 'cflt', attempt), 10_000);
    const [first, second, third] = versionsOf('freed').map(({ version }) => version);
    for (const version of [third, second, first]) {
      expect(await vault.lookUpName(VAULT_URL, 'freed')).toEqual({ kind: 'in-use' });
      await vault.disableVersion(VAULT_URL, 'freed', version ?? '');
    }
    expect(await vault.lookUpName(VAULT_URL, 'freed')).toEqual({ kind: 'free' });
  });

  it('is free where the identity may not look for deleted secrets', async () => {
    const fault = { status: 403, body: { error: { code: 'Forbidden', message: 'no' } } };
    world.faults.add({ service: 'vault', operation: 'getDeletedSecret', fault });
    expect(await world.open().lookUpName(VAULT_URL, 'never-seen')).toEqual({ kind: 'free' });
  });

  it.each([
    ['listVersions', { status: 403 }],
    ['listVersions', { status: 400, body: { error: { code: 'SecretNotFound', message: 'no' } } }],
    ['listVersions', { status: 404 }],
    ['listVersions', { drop: 'before' as const }],
    ['listVersions', { truncate: true }],
    ['getDeletedSecret', { status: 500 }],
    ['getDeletedSecret', { status: 404 }],
  ])('is unavailable, never free, when %s fails: %j', async (operation, fault) => {
    world.faults.add({ service: 'vault', operation, fault });
    expect((await world.open().lookUpName(VAULT_URL, 'never-seen')).kind).toBe('unavailable');
  });
});

describe('versions of a name', () => {
  it('show whether they are enabled, and their tags', async () => {
    const vault = world.open();
    await vault.store(secretNamed('tagged', 'cflt-1', 1), 10_000);
    world.clock.at += 1_000;
    await vault.store(secretNamed('tagged', 'cflt-2', 2), 10_000);
    const [first, second] = versionsOf('tagged');
    expect(await vault.disableVersion(VAULT_URL, 'tagged', first?.version ?? '')).toEqual({ kind: 'disabled' });
    const listed = (version: string | undefined, enabled: boolean, attempt: number) => ({
      id: `${VAULT_URL}/secrets/tagged/${version}`,
      version,
      enabled,
      tags: secretNamed('tagged', '', attempt).tags,
    });
    expect(await vault.listVersions(VAULT_URL, 'tagged')).toMatchObject({
      kind: 'listed',
      versions: [listed(second?.version, true, 2), listed(first?.version, false, 1)],
    });
  });

  it('are listed newest first', async () => {
    const vault = world.open();
    for (let copies = 0; copies < 6; copies++) {
      await vault.store(secretNamed('copied', 'cflt'), 10_000);
      world.clock.at += 1_000;
    }
    const oldestFirst = versionsOf('copied').map(({ version }) => ({ version }));
    expect(await vault.listVersions(VAULT_URL, 'copied')).toMatchObject({ versions: oldestFirst.reverse() });
  });

  it('are found beyond the first page of the list', async () => {
    const vault = world.open();
    await vault.proveWritable(VAULT_URL);
    for (let attempt = 1; attempt <= 30; attempt++) await vault.store(secretNamed('paged', 'cflt', attempt), 10_000);
    const found = await vault.listVersions(VAULT_URL, 'paged');
    const attempts = found.kind === 'listed' ? found.versions.map(({ tags }) => Number(tags['vend-attempt'])) : [];
    expect(attempts.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_none, index) => index + 1));
    const fault = { status: 404, body: { error: { code: 'SecretNotFound', message: 'no' } } };
    world.faults.add({ service: 'vault', operation: 'listVersions', after: 1, fault });
    expect(await vault.listVersions(VAULT_URL, 'paged')).toEqual({ kind: 'listed', versions: [] });
  });

  it('are none where the name was never used, or where the vault says that there is no such secret', async () => {
    const vault = world.open();
    expect(await vault.listVersions(VAULT_URL, 'never-used')).toEqual({ kind: 'listed', versions: [] });
    const fault = { status: 404, body: { error: { code: 'SecretNotFound', message: 'no' } } };
    world.faults.add({ service: 'vault', operation: 'listVersions', fault });
    expect(await vault.listVersions(VAULT_URL, 'never-used')).toEqual({ kind: 'listed', versions: [] });
  });

  it.each([{ status: 503 }, { status: 404 }, { status: 200, body: { value: [{ attributes: { enabled: true } }] } }])(
    'are unavailable, never none, when the list fails: %j',
    async (fault) => {
      world.faults.add({ service: 'vault', operation: 'listVersions', fault });
      expect((await world.open().listVersions(VAULT_URL, 'orders')).kind).toBe('unavailable');
    },
  );

  it('count as disabled once they are gone, and as enabled while the vault refuses', async () => {
    const vault = world.open();
    expect(await vault.disableVersion(VAULT_URL, 'nothing', '0'.repeat(32))).toEqual({ kind: 'disabled' });
    const fault = { status: 403, body: { error: { code: 'Forbidden', innererror: { code: 'ForbiddenByFirewall' } } } };
    world.faults.add({ service: 'vault', operation: 'updateSecret', fault });
    expect(await vault.disableVersion(VAULT_URL, 'tagged', '0'.repeat(32))).toEqual({
      kind: 'unavailable',
      upstream: { service: 'vault', status: 403, code: 'ForbiddenByFirewall', requestId: expect.any(String) },
    });
  });
});
