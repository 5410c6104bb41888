import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refused, startRig, VAULT, type VaultRig } from './rig.ts';

let rig: VaultRig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const versionsOf = async (name: string): Promise<{ version: string; enabled: boolean; tags: unknown }[]> => {
  const versions = [];
  for await (const { version = '', enabled = false, tags } of rig
    .client({ who: 'writer' })
    .listPropertiesOfSecretVersions(name)) {
    versions.push({ version, enabled, tags });
  }
  return versions;
};

describe('deleting', () => {
  it('keeps the name from being set until the secret is recovered, with all its versions', async () => {
    const officer = rig.client({ who: 'officer' });
    for (const value of ['one', 'two']) await officer.setSecret('deleted', value);
    const deleted = await (await officer.beginDeleteSecret('deleted', { intervalInMs: 1 })).pollUntilDone();
    const purgeAt = new Date(rig.clock.now.getTime() + 7 * 86_400_000);
    expect(deleted.properties).toMatchObject({ deletedOn: rig.clock.now, scheduledPurgeDate: purgeAt });
    expect(deleted.properties.recoveryId).toBe(`https://${VAULT}.vault.azure.net/deletedsecrets/deleted`);
    expect(deleted.value).toBeUndefined();
    expect(rig.vault.secrets(VAULT, 'deleted')).toBeUndefined();
    expect(await versionsOf('deleted')).toEqual([]);

    const conflict = await refused(rig.client({ who: 'writer' }).setSecret('DELETED', 'three'));
    expect(conflict).toMatchObject({ statusCode: 409, code: 'Conflict' });
    expect(conflict.details?.error?.innerError?.code).toBe('ObjectIsDeletedButRecoverable');

    await (await officer.beginRecoverDeletedSecret('deleted', { intervalInMs: 1 })).pollUntilDone();
    expect(rig.vault.secrets(VAULT, 'deleted')?.map((version) => version.value)).toEqual(['one', 'two']);
  });

  it('shows the writer that a name is soft-deleted, and frees it once purged or overdue', async () => {
    const officer = rig.client({ who: 'officer' });
    const writer = rig.client({ who: 'writer' });
    expect(await refused(writer.getDeletedSecret('freed'))).toMatchObject({ statusCode: 404, code: 'SecretNotFound' });
    for (const free of [() => officer.purgeDeletedSecret('freed'), waitOutRetention]) {
      await writer.setSecret('freed', 'value');
      await officer.beginDeleteSecret('freed', { intervalInMs: 1 });
      expect(await writer.getDeletedSecret('freed')).toMatchObject({ name: 'freed' });
      const listed = [];
      for await (const { name } of writer.listDeletedSecrets()) listed.push(name);
      expect(listed).toContain('freed');
      await free();
      expect(await refused(writer.getDeletedSecret('freed'))).toMatchObject({ statusCode: 404 });
    }
    await writer.setSecret('freed', 'again');
    expect(rig.vault.secrets(VAULT, 'freed')).toMatchObject([{ value: 'again' }]);
  });

  const waitOutRetention = async (): Promise<void> => {
    rig.clock.now = new Date(rig.clock.now.getTime() + 8 * 86_400_000);
  };
});
