import type { ReconcileBounds } from '../../../src/vending/reconcile/reconcile.ts';
import type { VendOutcome } from '../../../src/vending/saga/outcome.ts';
import { type VendCommand, type VendSettings, vend } from '../../../src/vending/vend.ts';
import { Crash, type World } from './world.ts';

export const COMMAND: VendCommand = {
  caller: { id: 'queue:orders', roles: [] },
  key: { kind: 'key', key: 'order-1' },
  request: { environmentId: 'env-12132', clusterId: 'lkc-1126wj', name: 'orders' },
};

export const SETTINGS: VendSettings = {
  mode: 'normal',
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

export const ask = (
  world: World,
  request: Partial<VendCommand['request']> = {},
  settings: VendSettings = SETTINGS,
): Promise<VendOutcome> => vend(world.ports(), settings, { ...COMMAND, request: { ...COMMAND.request, ...request } });

export const BOUNDS: ReconcileBounds = { batch: 100, concurrency: 2 };

/** Somebody who may die on the way: there is then no outcome. */
export async function orCrash<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Crash) return undefined;
    throw error;
  }
}

export const askOrCrash = (world: World): Promise<VendOutcome | undefined> => orCrash(() => ask(world));
