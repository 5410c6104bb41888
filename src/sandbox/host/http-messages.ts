import type { ServerResponse } from 'node:http';
import type { RequestHeaders } from './kestrel.ts';
import type { RequestTarget } from './request-target.ts';
import type { RouteValues } from './routes.ts';
import type { NullableMap, RpcCookie, RpcHttp, TypedData } from './rpc.ts';

const FRAMING_HEADERS = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);
const SAME_SITE = { none: undefined, lax: 'lax', strict: 'strict', explicitNone: 'none' } as const;

/** The request as the host hands it to the worker. */
export function toRpcRequest(
  method: string,
  target: RequestTarget,
  headers: RequestHeaders,
  params: RouteValues,
  body: Buffer | undefined,
): RpcHttp {
  return {
    method,
    url: `http://${headers.get('host') ?? ''}${target.encodedPath}${target.queryString}`,
    nullableHeaders: nullable([...headers]),
    nullableQuery: nullable(queryOf(target.queryString)),
    nullableParams: nullable(Object.entries(params)),
    ...(body === undefined ? {} : { body: { bytes: body } }),
  };
}

/** Names that differ in case alone are one, spelled as it comes first, with the values of all. */
function queryOf(queryString: string): [string, string][] {
  const parameters = new Map<string, [string, string]>();
  for (const [name, value] of new URLSearchParams(queryString)) {
    const [spelled, values] = parameters.get(name.toLowerCase()) ?? [name];
    parameters.set(name.toLowerCase(), [spelled, values === undefined ? value : `${values},${value}`]);
  }
  return [...parameters.values()];
}

const nullable = (entries: readonly (readonly [string, string])[]): NullableMap =>
  Object.fromEntries(entries.map(([name, value]) => [name, { value }]));

/** Writes what the function returned. One that returned nothing is a 200 without a body. */
export function writeReply(res: ServerResponse, returnValue: TypedData | null | undefined): void {
  const http = returnValue?.http ?? {};
  const headers = Object.entries(http.headers ?? {}).filter(([name]) => !FRAMING_HEADERS.has(name.toLowerCase()));
  // Kestrel throws while it writes such a header.
  if (headers.some(([, value]) => /[^\t -~]/.test(value))) {
    writeEmpty(res, 500);
    return;
  }
  for (const [name, value] of headers) res.setHeader(name, value);
  const cookies = (http.cookies ?? []).map(serializeCookie);
  if (cookies.length > 0) res.appendHeader('set-cookie', cookies);
  res.statusCode = Number(http.statusCode ?? 200);
  // Written before the end, a body is sent in chunks, as the host does it.
  res.cork();
  if (http.body?.bytes?.length) res.write(http.body.bytes);
  res.end();
}

export function writeEmpty(res: ServerResponse, status: number): void {
  res.statusCode = status;
  res.end();
}

function serializeCookie(cookie: RpcCookie): string {
  const attributes = [
    cookie.expires && `expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`,
    cookie.maxAge && `max-age=${Math.floor(cookie.maxAge.value)}`,
    cookie.domain && `domain=${cookie.domain.value}`,
    `path=${cookie.path?.value ?? '/'}`,
    cookie.secure?.value === true && 'secure',
    SAME_SITE[cookie.sameSite ?? 'none'] && `samesite=${SAME_SITE[cookie.sameSite ?? 'none']}`,
    cookie.httpOnly?.value === true && 'httponly',
  ];
  const pair = `${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`;
  return [pair, ...attributes.filter((attribute) => typeof attribute === 'string')].join('; ');
}
