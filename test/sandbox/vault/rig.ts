import { Agent } from 'node:https';
import { SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets';
import { createTokenIssuer } from '../../../src/sandbox/entra/token-issuer.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';
import { startVault, type VaultEmulator } from '../../../src/sandbox/vault/index.ts';

export const TENANT = '11111111-1111-1111-1111-111111111111';
export const [VAULT, OTHER_VAULT] = ['sandbox-vault', 'sandbox-payments'] as const;
const RESOURCE = 'https://vault.azure.net';

export type Who = 'writer' | 'reader' | 'officer' | 'stranger';

export interface ClientRequest {
  readonly who: Who;
  readonly vault?: string;
  readonly url?: string;
  readonly resource?: string;
  readonly options?: SecretClientOptions;
}

/** A running vault service, and real clients that reach it under production host names. */
export interface VaultRig {
  readonly vault: VaultEmulator;
  readonly faults: FaultPlan;
  /** What the emulator takes for the present; tests may move it. */
  readonly clock: { now: Date };
  readonly agent: Agent;
  client(request: ClientRequest): SecretClient;
  token(who: Who, resource?: string): Promise<string>;
  close(): Promise<void>;
}

export async function startRig(): Promise<VaultRig> {
  const faults = new FaultPlan();
  const clock = { now: new Date('2026-05-01T10:00:00Z') };
  const issuer = await createTokenIssuer({ tenantId: TENANT });
  const { caPem, cert, key } = await createCertificates(['*.vault.azure.net']);
  const vault = await startVault({
    tls: { cert, key },
    faults,
    verifier: issuer.verifier,
    vaults: [VAULT, OTHER_VAULT],
    tenantId: TENANT,
    writerOid: 'writer',
    readerOids: ['reader'],
    officerOids: ['officer'],
    now: () => clock.now,
    softDeleteRetentionDays: 7,
  });
  const agent = new Agent({
    ca: caPem,
    keepAlive: true,
    lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  });
  const token = async (who: Who, resource = RESOURCE): Promise<string> =>
    (await issuer.issueResourceToken({ resource, oid: who, appid: `app of ${who}` })).token;
  return {
    vault,
    faults,
    clock,
    agent,
    token,
    client: ({ who, vault: name = VAULT, url, resource, options }) => {
      const credential = {
        getToken: async () => ({ token: await token(who, resource), expiresOnTimestamp: Date.now() + 3_600_000 }),
      };
      const address = url ?? `https://${name}.vault.azure.net:${vault.port}`;
      return new SecretClient(address, credential, { agent, retryOptions: { maxRetries: 0 }, ...options });
    },
    close: async () => {
      agent.destroy();
      await vault.close();
    },
  };
}

/** The error of something that must fail. */
export async function refused(action: Promise<unknown>): Promise<RefusalView> {
  try {
    await action;
  } catch (error) {
    return error as RefusalView;
  }
  throw new Error('It was not refused.');
}

export interface RefusalView {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message: string;
  readonly details?: {
    readonly error?: { readonly code?: string; readonly message?: string; readonly innerError?: { code?: string } };
  };
}
