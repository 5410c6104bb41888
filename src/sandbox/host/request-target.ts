export interface RequestTarget {
  /** Percent-decoded once (but for `%2F`), dot segments collapsed: what routes are matched against. */
  readonly path: string;
  /** The path encoded again, as the function sees it in its URL. */
  readonly encodedPath: string;
  /** As sent, with its `?`; empty when there is none. */
  readonly queryString: string;
}

const ESCAPES = /(?:%(?!2f|00)[0-9a-f]{2})+/gi;

/** Reads a request target in the way Kestrel does. Undefined: Kestrel refuses it with 400. */
export function parseRequestTarget(target: string): RequestTarget | undefined {
  const relative = target.replace(/^https?:\/\/[^/?]*/i, '');
  const question = relative.indexOf('?');
  const rawPath = question < 0 ? relative : relative.slice(0, question);
  if ((rawPath !== '' && !rawPath.startsWith('/')) || /%00/.test(rawPath)) return undefined;
  const path = removeDotSegments(rawPath.replace(ESCAPES, decodeRun));
  return { path, encodedPath: encodePath(path), queryString: question < 0 ? '' : relative.slice(question) };
}

function decodeRun(run: string): string {
  const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return run;
  }
}

function removeDotSegments(path: string): string {
  const kept: string[] = [];
  const parts = path.split('/').slice(1);
  for (const [index, part] of parts.entries()) {
    const isDot = part === '.' || part === '..';
    if (part === '..') kept.pop();
    if (!isDot) kept.push(part);
    else if (index === parts.length - 1) kept.push('');
  }
  return `/${kept.join('/')}`;
}

const encodePath = (path: string): string =>
  path
    .split(/(%[0-9a-f]{2})/i)
    .map((part, index) => (index % 2 === 1 ? part : encodeURI(part).replace(/[?#]/g, encodeURIComponent)))
    .join('');
