import type { SecretFormat } from '../model/credential.ts';
import type { KeyRecord } from '../model/key-record.ts';
import type { Target } from '../model/target.ts';
import { Secret } from './secret.ts';

export interface RenderedSecret {
  readonly value: Secret;
  readonly contentType: string;
}

interface Format {
  readonly contentType: string;
  render(apiKey: string, apiSecret: string, target: Target): string;
}

const FORMATS: Readonly<Record<SecretFormat, Format>> = {
  secret: {
    contentType: 'text/plain; format=secret',
    render: (_, apiSecret) => apiSecret,
  },
  json: {
    contentType: 'application/json; format=json',
    render: (apiKey, apiSecret, target) => JSON.stringify({ apiKey, apiSecret, target }),
  },
  jaas: {
    contentType: 'text/plain; format=jaas',
    render: (apiKey, apiSecret) =>
      `org.apache.kafka.common.security.plain.PlainLoginModule required username=${quoted(apiKey)} password=${quoted(apiSecret)};`,
  },
  'basic-auth': {
    contentType: 'text/plain; format=basic-auth',
    render: (apiKey, apiSecret) => `${apiKey}:${apiSecret}`,
  },
};

/** The `contentType` of a Key Vault secret in a format. */
export function contentTypeOf(format: SecretFormat): string {
  return FORMATS[format].contentType;
}

/** The text that goes into the vault. */
export function renderSecret(format: SecretFormat, key: KeyRecord, secret: Secret, target: Target): RenderedSecret {
  const { contentType, render } = FORMATS[format];
  return { value: new Secret(render(key.id, secret.reveal(), target)), contentType };
}

/** Kafka reads JAAS with Java's `StreamTokenizer`: backslash escapes, octal for control characters. */
function quoted(text: string): string {
  const escaped = text
    .replace(/["\\]/g, '\\$&')
    .replace(/\p{Cc}/gu, (control) => `\\${control.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return `"${escaped}"`;
}
