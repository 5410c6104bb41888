import { randomUUID } from 'node:crypto';
import type { BearerVerdict } from '../kit/bearer.ts';
import type { EmulatorResponse } from '../kit/http-service.ts';

const CHALLENGE =
  'Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize resource_id=https://storage.azure.com';

/** The table service's answer to a request without a token, or with one that it does not accept. */
export function unauthorized(verdict: Exclude<BearerVerdict, { kind: 'valid' }>): EmulatorResponse {
  if (verdict.kind === 'missing') {
    return refusal(
      401,
      'NoAuthenticationInformation',
      'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.',
    );
  }
  const messages: Record<typeof verdict.reason, string> = {
    malformed:
      'Authentication information is not given in the correct format. Check the value of Authorization header.',
    signature: 'Signature validation failed. Signature key not found.',
    issuer: 'Issuer validation failed. Issuer did not match.',
    audience: 'Audience validation failed. Audience did not match.',
    expired: 'Lifetime validation failed. The token is expired.',
  };
  return refusal(401, 'InvalidAuthenticationInfo', messages[verdict.reason]);
}

export const forbidden = (): EmulatorResponse =>
  refusal(
    403,
    'AuthorizationPermissionMismatch',
    'This request is not authorized to perform this operation using this permission.',
  );

/** A storage account that does not exist has no address. A 404 here would read as "no such entity". */
export const misdirected = (): EmulatorResponse =>
  refusal(421, 'AccountNotFound', 'The storage account of this sandbox does not have the host name asked for.');

export const requestHeaders = (): Readonly<Record<string, string>> => ({
  'x-ms-request-id': randomUUID(),
  'x-ms-version': '2019-02-02',
});

export const badRequest = (code: string, message: string): EmulatorResponse => refusal(400, code, message);

function refusal(status: number, code: string, message: string): EmulatorResponse {
  const headers = requestHeaders();
  const value = `${message}\nRequestId:${headers['x-ms-request-id']}\nTime:${new Date().toISOString()}`;
  return {
    status,
    headers: {
      ...headers,
      'content-type': 'application/json;odata=minimalmetadata;streaming=true;charset=utf-8',
      ...(status === 401 ? { 'www-authenticate': CHALLENGE } : {}),
    },
    body: { 'odata.error': { code, message: { lang: 'en-US', value } } },
  };
}
