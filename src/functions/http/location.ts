const COLLECTION = '/credentials';

/**
 * Where a credential is, relative to the URL of the request (RFC 3986, 5.2). A path from the root would be wrong behind a
 * gateway that adds a prefix.
 */
export function locationOf(requestUrl: string, id: string): string {
  const { pathname } = new URL(requestUrl);
  const end = pathname.toLowerCase().lastIndexOf(COLLECTION) + COLLECTION.length;
  const depth = pathname.slice(end).split('/').length - 1;
  return depth === 0 ? `credentials/${id}` : `${'../'.repeat(depth - 1)}${id}`;
}
