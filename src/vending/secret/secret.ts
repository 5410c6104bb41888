import { SECRET_FORMATS, type SecretFormat } from '../model/credential.ts';
import type { KeyRecord, Target } from '../model/resources.ts';

/**
 * A value that must reach the vault and nothing else.
 *
 * The value lives in a `#private` field, which `JSON.stringify`, `util.inspect`, template literals and spreads do not show.
 * So an accidental log line or error cause cannot carry it. `reveal` is for the vault adapter and
 * {@link renderSecret} alone.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }
}

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

/** The format that a `contentType` stands for. */
export const formatOf = (contentType: string | undefined): SecretFormat | undefined =>
  SECRET_FORMATS.find((format) => FORMATS[format].contentType === contentType);

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
