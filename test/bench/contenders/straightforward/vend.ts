import { randomUUID } from 'node:crypto';
import { ConfluentManagementClient } from '@azure/arm-confluent';
import { DefaultAzureCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import * as z from 'zod';
import { setting } from './setting.ts';

const credential = new DefaultAzureCredential();
const confluent = new ConfluentManagementClient(credential, setting('CONFLUENT_SUBSCRIPTION_ID'), {
  apiVersion: '2024-07-01',
});
const secrets = new SecretClient(setting('KEY_VAULT_URL'), credential);

export const requestSchema = z.object({
  resourceGroupName: z.string().default(setting('CONFLUENT_RESOURCE_GROUP')),
  organizationName: z.string().default(setting('CONFLUENT_ORGANIZATION')),
  environmentId: z.string().min(1),
  clusterId: z.string().min(1),
  name: z.string().min(1).max(64),
  description: z.string().max(200).default(''),
});
export type VendRequest = z.infer<typeof requestSchema>;

export interface Vended {
  readonly secretId: string | undefined;
  readonly version: string | undefined;
  readonly apiKeyId: string | undefined;
}

/** @throws what the SDKs throw. Asked again, it mints again; a key whose secret the vault refuses is left behind. */
export async function vend(request: VendRequest): Promise<Vended> {
  const key = await confluent.organization.createAPIKey(
    request.resourceGroupName,
    request.organizationName,
    request.environmentId,
    request.clusterId,
    { name: request.name, description: request.description },
  );
  if (!key.spec?.secret) throw new Error('the answer holds no secret');
  const { properties } = await secrets.setSecret(`ck-${randomUUID()}`, key.spec.secret);
  return { secretId: properties.id, version: properties.version, apiKeyId: key.id };
}
