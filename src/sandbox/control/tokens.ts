import { WORLD } from '../azure/world.ts';
import type { TokenIssuer } from '../entra/token-issuer.ts';
import type { TokenRequest } from './schemas.ts';

/** A caller's token; unless asked otherwise one of the sample policy's portal for this function. */
export async function issueToken(issuer: TokenIssuer, request: TokenRequest): Promise<{ access_token: string }> {
  const { token } = await issuer.issueCallerToken({
    oid: request.oid ?? WORLD.portalOid,
    audience: request.audience ?? WORLD.audience,
    ...(request.tid !== undefined && { tid: request.tid }),
    ...(request.appid !== undefined && { appid: request.appid }),
    ...(request.roles !== undefined && { roles: request.roles }),
    ...(request.expiresIn !== undefined && { expiresIn: request.expiresIn }),
  });
  return { access_token: token };
}
