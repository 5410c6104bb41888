import type { EmulatorRequest } from '../kit/http-service.ts';
import { badParameter } from './errors.ts';

const MAX_PAGE = 25;

export interface Page {
  readonly value: readonly Record<string, unknown>[];
  readonly nextLink: string | null;
}

/**
 * One page of `items` in the order of `keyOf`. The service promises no order; ours says nothing about age, so that a
 * client which takes the first version for the newest is found out.
 *
 * @throws KeyVaultError 400 for a `maxresults` that is not 1 to 25
 */
export function page<T>(
  request: EmulatorRequest,
  items: readonly T[],
  keyOf: (item: T) => string,
  show: (item: T) => Record<string, unknown>,
): Page {
  const asked = request.query.get('maxresults');
  const size = asked === null ? MAX_PAGE : Number(asked);
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE) {
    throw badParameter(`The maxresults query parameter must be between 1 and ${MAX_PAGE}.`);
  }
  const after = Buffer.from(request.query.get('$skiptoken') ?? '', 'base64url').toString();
  const left = items.filter((item) => keyOf(item) > after).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const shown = left.slice(0, size);
  const last = shown.at(-1);
  const more = last !== undefined && left.length > shown.length;
  return { value: shown.map(show), nextLink: more ? nextLink(request, keyOf(last)) : null };
}

function nextLink(request: EmulatorRequest, after: string): string {
  const query = new URLSearchParams(request.query);
  query.set('$skiptoken', Buffer.from(after).toString('base64url'));
  const host = request.headers.host ?? request.host;
  const authority = /:\d+$/.test(host) ? host : `${host}:443`;
  return `https://${authority}${request.rawPath}?${query}`;
}
