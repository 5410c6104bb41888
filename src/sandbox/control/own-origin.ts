import type { EmulatorRequest } from '../kit/http-service.ts';

const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/**
 * Why a request may not pass, or undefined. A site that resolves its name to this machine sends its name as `Host`. Any
 * other site's page sends itself as `Origin`, or says by `Sec-Fetch-Site` that it is another's.
 */
export function foreignRequest({ headers, method }: EmulatorRequest): string | undefined {
  const { host = '', origin } = headers;
  if (!LOOPBACK.test(host))
    return `The control API answers on loopback names alone, and not as ${JSON.stringify(host)}.`;
  if (origin !== undefined && origin !== `http://${host}`)
    return 'The control API does not take requests of other sites.';
  const site = headers['sec-fetch-site'];
  const isOwn = site === undefined || site === 'same-origin' || site === 'none';
  return isOwn || (method === 'GET' && headers['sec-fetch-mode'] === 'navigate')
    ? undefined
    : 'The control API does not take requests of other sites.';
}
