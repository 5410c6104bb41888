/** Charsets that UTF-8 covers. Clients send `utf8` too, which is not registered. */
const CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

export interface ContentType {
  /** In lower case, without parameters. */
  readonly mediaType: string;
  readonly isUtf8: boolean;
}

/** JSON is UTF-8 whatever parameters its type has (RFC 8259, 11). Only a charset that says otherwise counts. */
export function readContentType(header: string | null): ContentType {
  const [mediaType = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charsets = parameters.flatMap((parameter) => /^charset\s*=\s*"?([^"]*)"?$/.exec(parameter)?.[1] ?? []);
  return { mediaType, isUtf8: charsets.every((charset) => CHARSETS.has(charset.trim())) };
}
