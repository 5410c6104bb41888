import { readFileSync } from 'node:fs';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { SecretClient } from '@azure/keyvault-secrets';
import { keyUrl } from '../../src/azure/arm/urls.ts';
import { WORLD } from '../../src/sandbox/world.ts';
import { resultSchema } from '../../src/vending/result.ts';
import { loopbackClient, tokenCredential } from '../azure/loopback-client.ts';
import type { Json, Rig } from '../e2e/harness.ts';
import type { SecretReference } from './vault.ts';

/** What revoking comes to, done by the function's identity: the key is deleted, its version disabled. */
export async function revokeByHand(rig: Rig, vended: Json): Promise<void> {
  const { secret, apiKey } = resultSchema.parse(vended);
  const { arm } = rig.sandbox.azure;
  const url = keyUrl('https://management.azure.com', WORLD.target, apiKey.id) ?? '';
  const headers = createHttpHeaders({ authorization: `Bearer ${await tokenFor(rig, 'https://management.azure.com')}` });
  const request = createPipelineRequest({ url, method: 'DELETE', headers });
  const { status } = await loopbackClient(arm.port, certificateOf(rig)).sendRequest(request);
  if (status >= 300) throw new Error(`The key was not deleted: ${status}`);
  await setEnabled(rig, secret, false);
}

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
