import { readFileSync } from 'node:fs';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { SecretClient } from '@azure/keyvault-secrets';
import { keyUrl } from '../../src/azure/arm/urls.ts';
import { WORLD } from '../../src/sandbox/world.ts';
import { resultSchema } from '../../src/vending/result.ts';
import { loopbackClient, tokenCredential } from '../azure/loopback-client.ts';
import type { Json, Rig } from '../e2e/harness.ts';

/** What revoking comes to, done by the function's identity: the key is deleted, its version disabled. */
export async function revokeByHand(rig: Rig, vended: Json): Promise<void> {
  const { secret, apiKey } = resultSchema.parse(vended);
  const { arm, vault, caFile, issuer } = rig.sandbox.azure;
  const ca = readFileSync(caFile, 'utf8');
  const identity = { oid: WORLD.functionOid, appid: WORLD.functionClientId };
  const tokenFor = async (resource: string) => (await issuer.issueResourceToken({ ...identity, resource })).token;

  const url = keyUrl('https://management.azure.com', WORLD.target, apiKey.id) ?? '';
  const headers = createHttpHeaders({ authorization: `Bearer ${await tokenFor('https://management.azure.com')}` });
  const { status } = await loopbackClient(arm.port, ca).sendRequest(
    createPipelineRequest({ url, method: 'DELETE', headers }),
  );
  if (status >= 300) throw new Error(`The key was not deleted: ${status}`);

  const credential = tokenCredential(await tokenFor('https://vault.azure.net'));
  const client = new SecretClient(secret.vaultUrl, credential, { httpClient: loopbackClient(vault.port, ca) });
  await client.updateSecretProperties(secret.name, secret.version, { enabled: false });
}
