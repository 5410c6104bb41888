import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Compiler, startCompiler } from './bicep/compile.ts';
import { findCompiler } from './bicep/compiler.ts';
import { copyOfInfra, type Fault } from './snapshot/predict.ts';

interface Planted extends Fault {
  readonly fault: string;
  readonly complaint: string;
}

const PLANTED: readonly Planted[] = [
  {
    fault: 'a misspelt property',
    path: 'modules/vault.bicep',
    passage: 'enableSoftDelete',
    by: 'enableSoftDeletion',
    complaint: 'BCP089',
  },
  {
    fault: 'a wrong type',
    path: 'modules/vault.bicep',
    passage: 'softDeleteRetentionInDays: 90',
    by: "softDeleteRetentionInDays: '90'",
    complaint: 'BCP036',
  },
  {
    fault: 'an unknown type of resource',
    path: 'modules/bus.bicep',
    passage: "'Microsoft.ServiceBus/namespaces/topics@",
    by: "'Microsoft.ServiceBus/namespaces/themes@",
    complaint: 'BCP081',
  },
  {
    fault: 'a parameter that nothing uses',
    path: 'main.bicep',
    passage: 'sku: storageSku',
    by: "sku: 'Standard_LRS'",
    complaint: 'no-unused-params',
  },
  {
    fault: 'a parameter that a module lacks',
    path: 'main.bicep',
    passage: '    sku: storageSku\n',
    by: '',
    complaint: 'BCP035',
  },
  {
    fault: 'a parameter that the parameter file lacks',
    path: 'main.bicepparam',
    passage: "param confluentOrganization = 'myOrganization'\n",
    by: '',
    complaint: 'BCP258',
  },
  {
    fault: 'a file that is not formatted',
    path: 'modules/vault.bicep',
    passage: '  location: location\n',
    by: '  location:   location\n',
    complaint: 'modules/vault.bicep: is not formatted',
  },
  {
    fault: 'a name that only Azure can work out',
    path: 'modules/queue.bicep',
    passage: 'guid(queue.id, identityId, ',
    by: 'guid(queue.id, principalId, ',
    complaint: 'what-if-short-circuiting',
  },
  {
    fault: 'an old API version',
    path: 'modules/vault.bicep',
    passage: 'KeyVault/vaults@2026-02-01',
    by: 'KeyVault/vaults@2022-07-01',
    complaint: 'use-recent-api-versions',
  },
];

const path = findCompiler();
const title =
  path === undefined ? 'not run, no Bicep compiler here: npm run bicep says how to get one' : 'the compiler';

// The compiler's first answers take seconds, and many where other tests run beside it.
describe.skipIf(path === undefined)(title, { timeout: 120_000 }, () => {
  let compiler: Compiler;
  beforeAll(async () => {
    compiler = startCompiler(path ?? '');
    await compiler.version();
  }, 120_000);
  afterAll(() => compiler.close());

  async function check(fault?: Fault): Promise<string[]> {
    const folder = copyOfInfra(fault);
    try {
      return await compiler.check(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('finds nothing in infra/', async () => {
    expect(await check()).toEqual([]);
  });

  it.each(PLANTED)('finds $fault', async ({ complaint, ...fault }) => {
    expect(await check(fault)).toContainEqual(expect.stringContaining(complaint));
  });
});
