import { env } from 'node:process';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { TLS_ROUTES_VARIABLE } from '../../src/sandbox/tls/routes.ts';

/**
 * From here on, this process's TLS connections to Azure's production host names end at emulators on loopback, whose
 * authority it trusts, and those to other hosts nowhere. To be called once in a test file.
 */
export async function routeToEmulators(routes: Readonly<Record<string, number>>, caPem: string): Promise<void> {
  setDefaultCACertificates([...getCACertificates('default'), caPem]);
  env[TLS_ROUTES_VARIABLE] = JSON.stringify(routes);
  await import('../../src/sandbox/tls/rig.ts');
}
