import { strToU8, type ZippableFile, zipSync } from 'fflate';

/**
 * The oldest time that the format knows, at noon: it is written as local time, and no time zone skips noon.
 */
const modified = (): Date => new Date(1980, 0, 1, 12);
const UNIX = 3;
/** A regular file that everyone may read: in Azure the package is mounted with these permissions. */
const READABLE_FILE = (0o100_644 << 16) >>> 0;

/**
 * A zip whose bytes depend on the names and contents alone. fflate deflates in JavaScript; zlib's output would depend on
 * the processor and on Node's version.
 */
export function archive(files: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const options = { level: 9, mtime: modified(), os: UNIX, attrs: READABLE_FILE } as const;
  const entries = Object.entries(files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, content]): [string, ZippableFile] => [name, [bytesOf(content), options]]);
  return zipSync(Object.fromEntries(entries));
}

const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === 'string' ? strToU8(content) : content;
