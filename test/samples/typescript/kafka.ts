import type { TokenCredential } from '@azure/core-auth';
import { parseKeyVaultSecretIdentifier, SecretClient } from '@azure/keyvault-secrets';

/** Settings of librdkafka, as `@confluentinc/kafka-javascript` and the clients of other languages take them. */
export interface KafkaSettings {
  readonly 'bootstrap.servers': string;
  readonly 'security.protocol': 'sasl_ssl';
  readonly 'sasl.mechanisms': 'PLAIN';
  readonly 'sasl.username': string;
  readonly 'sasl.password': string;
}

/**
 * The settings of a Kafka client, for a credential that was vended with `"secretFormat": "json"`. Key and secret come from one version,
 * so they fit each other during a rotation too. Call it at the start, and again where the broker refuses the key.
 *
 * @param keyVaultReference of the answer: `@Microsoft.KeyVault(SecretUri=https://…/secrets/…/)`
 * @throws Error where the secret has another format
 */
export async function kafkaSettings(
  keyVaultReference: string,
  bootstrapServers: string,
  credential: TokenCredential,
): Promise<KafkaSettings> {
  const { vaultUrl, name } = parseKeyVaultSecretIdentifier(uriOf(keyVaultReference));
  const { value = '', properties } = await new SecretClient(vaultUrl, credential).getSecret(name);
  if (properties.contentType !== 'application/json; format=json')
    throw new Error(`The secret ${name} is ${properties.contentType}: vend it with "secretFormat": "json".`);
  const { apiKey, apiSecret } = JSON.parse(value);
  return {
    'bootstrap.servers': bootstrapServers,
    'security.protocol': 'sasl_ssl',
    'sasl.mechanisms': 'PLAIN',
    'sasl.username': apiKey,
    'sasl.password': apiSecret,
  };
}

/** Without its last slash, which stands for the newest version. */
function uriOf(keyVaultReference: string): string {
  const [, uri] = /SecretUri=(.+?)\/?\)$/.exec(keyVaultReference) ?? [];
  if (uri === undefined) throw new Error('This is no Key Vault reference.');
  return uri;
}
