import type { VendOutcome } from '../../../src/vending/saga/outcome.ts';
import { type VendCommand, type VendSettings, vend } from '../../../src/vending/vend.ts';
import { Crash, type World } from './world.ts';

export const COMMAND: VendCommand = {
  caller: { id: 'queue:orders', roles: [] },
  key: { kind: 'key', key: 'order-1' },
  request: { environmentId: 'env-12132', clusterId: 'lkc-1126wj', name: 'orders' },
};

export const SETTINGS: VendSettings = {
  policy: {
    rules: [
      {
        name: 'orders',
        callers: { queues: ['orders'] },
        organizations: ['*'],
        environments: ['*'],
        clusters: ['*'],
        secretNamePrefix: 'orders-',
        allowedOwners: ['sa-*'],
      },
    ],
  },
  targetDefaults: {
    subscriptionId: '00000000-0000-0000-0000-000000000000',
    resourceGroupName: 'myResourceGroup',
    organizationName: 'myOrganization',
  },
  defaultVaultUrl: 'https://v.vault.azure.net',
};

export const ask = (world: World, request: Partial<VendCommand['request']> = {}): Promise<VendOutcome> =>
  vend(world.ports(), SETTINGS, { ...COMMAND, request: { ...COMMAND.request, ...request } });

/** A worker that may die on the way: its caller then gets no outcome. */
export async function askOrCrash(world: World): Promise<VendOutcome | undefined> {
  try {
    return await ask(world);
  } catch (error) {
    if (error instanceof Crash) return undefined;
    throw error;
  }
}
