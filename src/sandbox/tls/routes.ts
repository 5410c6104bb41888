import * as z from 'zod';

/** Host name (`management.azure.com`) or one-label wildcard (`*.vault.azure.net`) to loopback port. */
export type TlsRoutes = ReadonlyMap<string, number>;

const tlsRoutesSchema = z.record(z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/), z.int().min(1).max(65_535));

/** Where {@link parseTlsRoutes}'s text is passed to the rig. */
export const TLS_ROUTES_VARIABLE = 'SANDBOX_TLS_ROUTES';

/** @throws Error naming the variable, when the text is absent or not such a map. */
export function parseTlsRoutes(text: string | undefined): TlsRoutes {
  try {
    return new Map(Object.entries(tlsRoutesSchema.parse(JSON.parse(text ?? ''))));
  } catch (cause) {
    throw new Error(`${TLS_ROUTES_VARIABLE} must be a JSON object of host names and ports`, { cause });
  }
}

export type TlsDestination =
  | { readonly kind: 'loopback' }
  | { readonly kind: 'routed'; readonly port: number }
  | { readonly kind: 'refused' };

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

/** A wildcard stands for one label, as in a certificate. */
export function destinationOf(host: string, routes: TlsRoutes): TlsDestination {
  const name = host.toLowerCase();
  if (LOOPBACK.has(name)) return { kind: 'loopback' };
  const port = routes.get(name) ?? routes.get(name.replace(/^[^.]*/, '*'));
  return port === undefined ? { kind: 'refused' } : { kind: 'routed', port };
}
