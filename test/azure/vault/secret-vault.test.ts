import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attemptOf, secretNamed, startVaultWorld, VAULT_URL, type VaultWorld } from './emulated-vault.ts';

let world: VaultWorld;
beforeAll(async () => {
  world = await startVaultWorld();
});
beforeEach(() => world.faults.clear());
afterAll(() => world.emulator.close());

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

  it('is stored at the second try when the first was cut off after it took effect', async () => {
    world.faults.add({ service: 'vault', operation: 'setSecret', times: 1, fault: { drop: 'after' } });
    const outcome = await world.open().store(secretNamed('twice', 'cflt-twice'), 10_000);
    const versions = versionsOf('twice');
    expect(versions.map(({ value }) => value)).toEqual(['cflt-twice', 'cflt-twice']);
    expect(outcome).toMatchObject({ kind: 'stored', stored: { version: versions[1]?.version } });
  });

  it.each([{ drop: 'after' as const }, { truncate: true }])(
    'is ambiguous when every answer is lost, and the versions are found by their tags: %j',
    async (fault) => {
      const name = `lost-${Object.keys(fault)[0]}`;
      world.faults.add({ service: 'vault', operation: 'setSecret', fault });
      const vault = world.open();
      expect((await vault.store(secretNamed(name, 'cflt-lost'), 10_000)).kind).toBe('ambiguous');
      const found = await vault.findVersions(attemptOf(name));
      const versions = versionsOf(name).map(({ version }) => version);
      expect(versions.length).toBeGreaterThan(0);
      expect(found).toMatchObject({ kind: 'listed' });
      expect(found.kind === 'listed' && found.versions.map(({ version }) => version).sort()).toEqual(versions.sort());
    },
  );

  it('is ambiguous when the vault answers after the deadline, and what landed is found', async () => {
    world.faults.add({ service: 'vault', operation: 'setSecret', times: 1, fault: { delayMs: 1_000 } });
    const vault = world.open();
    expect((await vault.store(secretNamed('slow', 'cflt-slow'), 300)).kind).toBe('ambiguous');
    await expect.poll(() => vault.findVersions(attemptOf('slow'))).toMatchObject({ versions: [{ enabled: true }] });
  });

  it('is refused, for good, where the name is soft-deleted or the identity may not write', async () => {
    const vault = world.open();
    await vault.store(secretNamed('gone', 'cflt-gone'), 10_000);
    await (await world.officer.beginDeleteSecret('gone')).pollUntilDone();
    const upstream = { service: 'vault', status: 409, code: 'Conflict' };
    expect(await vault.store(secretNamed('gone', 'cflt-gone'), 10_000)).toMatchObject({ kind: 'refused', upstream });
    const stranger = await world.open('stranger').store(secretNamed('orders', 'cflt-x'), 10_000);
    expect(stranger).toMatchObject({ kind: 'refused', upstream: { status: 403, code: 'Forbidden' } });
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
  it('is free, in use by the newest version, or soft-deleted', async () => {
    const vault = world.open();
    expect(await vault.lookUpName(VAULT_URL, 'named')).toEqual({ kind: 'free' });
    await vault.store(secretNamed('named', 'cflt-1', 1), 10_000);
    expect(await vault.lookUpName(VAULT_URL, 'NAMED')).toMatchObject({ kind: 'in-use', tags: { 'vend-attempt': '1' } });
    await (await world.officer.beginDeleteSecret('named')).pollUntilDone();
    expect(await vault.lookUpName(VAULT_URL, 'named')).toEqual({ kind: 'soft-deleted' });
  });

  it('is what its newest version says, in whatever order the vault lists them', async () => {
    const vault = world.open();
    for (let attempt = 1; attempt <= 6; attempt++) {
      await vault.store(secretNamed('aged', 'cflt', attempt), 10_000);
      world.clock.at += 1_000;
      expect(await vault.lookUpName(VAULT_URL, 'aged')).toMatchObject({ tags: { 'vend-attempt': String(attempt) } });
    }
  });

  it('is free where the identity may not look for deleted secrets', async () => {
    const fault = { status: 403, body: { error: { code: 'Forbidden', message: 'no' } } };
    world.faults.add({ service: 'vault', operation: 'getDeletedSecret', fault });
    expect(await world.open().lookUpName(VAULT_URL, 'never-seen')).toEqual({ kind: 'free' });
  });

  it.each([
    ['listVersions', { status: 403 }],
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

describe('versions of an attempt', () => {
  it('are told from those of other attempts, and show whether they are enabled', async () => {
    const vault = world.open();
    await vault.store(secretNamed('tagged', 'cflt-1', 1), 10_000);
    await vault.store(secretNamed('tagged', 'cflt-2', 2), 10_000);
    const [first] = versionsOf('tagged');
    expect(await vault.disableVersion(VAULT_URL, 'tagged', first?.version ?? '')).toEqual({ kind: 'disabled' });
    expect(versionsOf('tagged')[0]).toMatchObject({ enabled: false, tags: { 'vend-attempt': '1' } });
    expect(await vault.findVersions(attemptOf('tagged', 1))).toMatchObject({
      kind: 'listed',
      versions: [{ id: `${VAULT_URL}/secrets/tagged/${first?.version}`, version: first?.version, enabled: false }],
    });
    expect(await vault.findVersions(attemptOf('tagged', 3))).toEqual({ kind: 'listed', versions: [] });
  });

  it('are listed newest first', async () => {
    const vault = world.open();
    for (let copies = 0; copies < 6; copies++) {
      await vault.store(secretNamed('copied', 'cflt'), 10_000);
      world.clock.at += 1_000;
    }
    const oldestFirst = versionsOf('copied').map(({ version }) => ({ version }));
    expect(await vault.findVersions(attemptOf('copied'))).toMatchObject({ versions: oldestFirst.reverse() });
  });

  it('are found beyond the first page of the list', async () => {
    const vault = world.open();
    await vault.proveWritable(VAULT_URL);
    for (let attempt = 1; attempt <= 30; attempt++) await vault.store(secretNamed('paged', 'cflt', attempt), 10_000);
    const found = await Promise.all(
      Array.from({ length: 30 }, (_none, index) => vault.findVersions(attemptOf('paged', index + 1))),
    );
    expect(found.map((each) => (each.kind === 'listed' ? each.versions.length : each.kind))).toEqual(Array(30).fill(1));
  });

  it('are unavailable, never none, when the list fails', async () => {
    world.faults.add({ service: 'vault', operation: 'listVersions', fault: { status: 503 } });
    const found = await world.open().findVersions(attemptOf('orders'));
    expect(found).toEqual({ kind: 'unavailable', upstream: expect.objectContaining({ status: 503 }) });
  });

  it('count as disabled once they are gone, and as in force while the vault refuses', async () => {
    const vault = world.open();
    expect(await vault.disableVersion(VAULT_URL, 'nothing', '0'.repeat(32))).toEqual({ kind: 'disabled' });
    world.faults.add({ service: 'vault', operation: 'updateSecret', fault: { status: 403 } });
    expect((await vault.disableVersion(VAULT_URL, 'tagged', '0'.repeat(32))).kind).toBe('unavailable');
  });
});
