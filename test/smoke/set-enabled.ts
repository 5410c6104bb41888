import { readFileSync } from 'node:fs';
import { SecretClient } from '@azure/keyvault-secrets';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { loopbackClient, tokenCredential } from '../azure/loopback-client.ts';
import type { Rig } from '../e2e/harness.ts';
import type { SecretReference } from './vault.ts';

/** Done by the function's identity. */
export async function setEnabled(rig: Rig, secret: SecretReference, enabled: boolean): Promise<void> {
  const credential = tokenCredential(await tokenFor(rig, 'https://vault.azure.net'));
  const httpClient = loopbackClient(rig.sandbox.azure.vault.port, certificateOf(rig));
  const client = new SecretClient(secret.vaultUrl, credential, { httpClient });
  await client.updateSecretProperties(secret.name, secret.version, { enabled });
}

const certificateOf = (rig: Rig): string => readFileSync(rig.sandbox.azure.caFile, 'utf8');

async function tokenFor(rig: Rig, resource: string): Promise<string> {
  const identity = { oid: WORLD.functionOid, appid: WORLD.functionClientId };
  return (await rig.sandbox.azure.issuer.issueResourceToken({ ...identity, resource })).token;
}
