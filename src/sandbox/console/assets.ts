import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { EmulatorResponse } from '../kit/http-service.ts';

const PAGE = join(import.meta.dirname, 'page');

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  ts: 'text/javascript; charset=utf-8',
};
const NAME = /^[a-z-]+\.(?<extension>html|css|svg|ts)$/;

/** Everything comes from here, and nothing runs but the page's own modules. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** Node.js warns on the terminal, at the first use, that this is experimental. Its version is fixed here. */
function withoutTypes(content: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(content);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** A file of the page. Its TypeScript is served without types. */
export function pageFile(name: string): EmulatorResponse {
  const extension = NAME.exec(name)?.groups?.extension;
  const content = extension === undefined ? undefined : read(name);
  if (extension === undefined || content === undefined) return { status: 404, body: { error: `No file ${name}.` } };
  const body = Buffer.from(extension === 'ts' ? withoutTypes(content) : content);
  return { status: 200, headers: { ...SECURITY_HEADERS, 'content-type': TYPES[extension] ?? '' }, body };
}

function read(name: string): string | undefined {
  try {
    return readFileSync(join(PAGE, name), 'utf8');
  } catch {
    return undefined;
  }
}
