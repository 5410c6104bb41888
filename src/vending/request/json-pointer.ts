const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const MAX_NAME = 64;

/** RFC 6901. Names come from callers: they are cut at 64 characters, and what cannot be printed becomes U+FFFD. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((segment) => `/${printable(String(segment)).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function printable(name: string): string {
  const cut = name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
  return cut.toWellFormed().replace(UNPRINTABLE, '\uFFFD');
}
