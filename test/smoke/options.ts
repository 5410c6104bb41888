import { parseArgs } from 'node:util';
import { UsageError } from '../../src/sandbox/kit/command.ts';

export const USAGE = `Usage: npm run smoke -- --url https://APP.azurewebsites.net --environment env-… --cluster lkc-… [options]
Vends one key, rotates it, checks both, revokes them. Nothing that it prints is secret.
  --subscription ID, --resource-group NAME, --organization NAME   where the app has no default
  --token-audience URI   of the app's tokens (default api://confluent-api-key-vending)
  --token TOKEN          for the app, instead of one of \`az login\`; better as SMOKE_TOKEN, which no process list shows
  --vault-token TOKEN    for https://vault.azure.net, likewise; or SMOKE_VAULT_TOKEN
  --valid-for DURATION   of the secret, in case it stays behind (default P1D)
  --probes               also asks for a key of a cluster that does not exist, and for one with the longest description
  --patience SECONDS     how long to repeat a request that the app defers (default 240)`;

export interface SmokeOptions {
  /** Without a slash at its end. */
  readonly url: string;
  /** The body of the request for a key. */
  readonly request: Readonly<Record<string, string>>;
  readonly audience: string;
  readonly token: string | undefined;
  readonly vaultToken: string | undefined;
  readonly patienceMs: number;
  readonly probes: boolean;
}

const text = { type: 'string' } as const;
const FLAGS = {
  url: text,
  environment: text,
  cluster: text,
  subscription: text,
  'resource-group': text,
  organization: text,
  'token-audience': { ...text, default: 'api://confluent-api-key-vending' },
  token: text,
  'vault-token': text,
  'valid-for': { ...text, default: 'P1D' },
  patience: { ...text, default: '240' },
  probes: { type: 'boolean', default: false },
} as const;

/** @throws {UsageError} or an ERR_PARSE_ARGS error, with a sentence for the user */
export function readOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): SmokeOptions {
  const { values } = parseArgs({ args: [...args], options: FLAGS });
  const { url, environment, cluster } = values;
  if (url === undefined || environment === undefined || cluster === undefined) {
    throw new UsageError('--url, --environment and --cluster are required');
  }
  const patience = Number(values.patience);
  if (!(patience > 0)) throw new UsageError('--patience takes a positive number of seconds');
  return {
    url: originOf(url),
    request: {
      environmentId: environment,
      clusterId: cluster,
      name: 'smoke test',
      validFor: values['valid-for'],
      ...(values.subscription === undefined ? {} : { subscriptionId: values.subscription }),
      ...(values['resource-group'] === undefined ? {} : { resourceGroupName: values['resource-group'] }),
      ...(values.organization === undefined ? {} : { organizationName: values.organization }),
    },
    audience: values['token-audience'],
    token: values.token ?? given(env.SMOKE_TOKEN),
    vaultToken: values['vault-token'] ?? given(env.SMOKE_VAULT_TOKEN),
    patienceMs: patience * 1000,
    probes: values.probes,
  };
}

/** The token goes there: over TLS, or to this machine. */
function originOf(url: string): string {
  const { protocol, hostname, origin } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '', origin: '' };
  const local = protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  if (protocol !== 'https:' && !local) throw new UsageError('--url must begin with https://');
  return origin;
}

/** CI systems set variables that have no value to the empty text. */
const given = (value: string | undefined): string | undefined => (value === '' ? undefined : value);
