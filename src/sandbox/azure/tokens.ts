import * as z from 'zod';
import type { TokenIssuer } from '../entra/token-issuer.ts';
import { WORLD } from './world.ts';

export const tokenRequestSchema = z.strictObject({
  oid: z.string().exactOptional(),
  tid: z.string().exactOptional(),
  appid: z.string().exactOptional(),
  roles: z.array(z.string()).exactOptional(),
  audience: z.string().exactOptional(),
  /** Seconds; negative for a token that has expired. */
  expiresIn: z.int().exactOptional(),
});
export type TokenRequest = z.infer<typeof tokenRequestSchema>;

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
