import { type ArmEmulator, type ArmOptions, startArm } from '../../../src/sandbox/arm/arm.ts';
import { createTokenIssuer, type TokenIssuer } from '../../../src/sandbox/entra/token-issuer.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';
import { type RawRequest, type RawResponse, send } from '../tls/https-client.ts';

export const TENANT = '11111111-1111-4111-8111-111111111111';
export const ORGANIZATION =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myResourceGroup/providers/Microsoft.Confluent/organizations/myOrganization';
export const CLUSTER = `${ORGANIZATION}/environments/env-12132/clusters/clusterId-123`;
export const CREATE = `${CLUSTER}/createAPIKey`;
export const VERSION = '?api-version=2024-07-01';

export interface ArmFixture {
  readonly arm: ArmEmulator;
  readonly ca: string;
  readonly faults: FaultPlan;
  readonly issuer: TokenIssuer;
  /** For the sandbox's managed identity. */
  readonly token: string;
  /** With that token, unless headers are given. */
  call(method: string, pathAndQuery: string, rest?: Partial<RawRequest>): Promise<RawResponse>;
  /** A valid `createApiKey`, unless told otherwise. */
  create(body?: unknown, path?: string): Promise<RawResponse>;
}

export async function startFixture(options: Partial<ArmOptions> = {}): Promise<ArmFixture> {
  const { caPem: ca, ...tls } = await createCertificates(['management.azure.com']);
  const issuer = await createTokenIssuer({ tenantId: TENANT });
  const faults = new FaultPlan();
  const arm = await startArm({ tls, faults, verifier: issuer.verifier, ...options });
  const { token } = await issuer.issueResourceToken({
    resource: 'https://management.azure.com/',
    oid: 'principal',
    appid: 'client',
  });
  const call: ArmFixture['call'] = (method, path, rest) =>
    send({ port: arm.port, ca, method, path, headers: jsonHeaders(token), ...rest });
  const create: ArmFixture['create'] = (body = { name: 'n', description: 'd' }, path = CREATE) =>
    call('POST', `${path}${VERSION}`, { body: JSON.stringify(body) });
  return { arm, ca, faults, issuer, token, call, create };
}

export const jsonHeaders = (token: string): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
});

export const errorCode = ({ text }: RawResponse): string => JSON.parse(text).error.code;
