import { type Credential, statusOf } from '../model/credential.ts';
import { iso } from '../model/timings.ts';

const date = (at: number | undefined): string | undefined => (at === undefined ? undefined : iso(at));

/** The columns of a list for spreadsheets. Each is named here, so nothing that a row may come to hold can leak. */
const COLUMNS: Readonly<Record<string, (row: Credential) => string | undefined>> = {
  id: ({ id }) => id,
  status: statusOf,
  caller: ({ caller }) => caller,
  rule: ({ grant }) => grant.rule,
  subscriptionId: ({ target }) => target.subscriptionId,
  resourceGroupName: ({ target }) => target.resourceGroupName,
  organizationName: ({ target }) => target.organizationName,
  environmentId: ({ target }) => target.environmentId,
  clusterId: ({ target }) => target.clusterId,
  name: ({ name }) => name,
  vaultUrl: ({ vaultUrl }) => vaultUrl,
  secretName: ({ secretName }) => secretName,
  secretVersion: ({ current }) => current?.secret.version,
  apiKeyId: ({ current }) => current?.key.id,
  owner: ({ current }) => current?.key.spec.owner?.id,
  previousApiKeyId: ({ previous }) => previous?.keyId,
  previousRevokeAt: ({ previous }) => date(previous?.revokeAt),
  createdAt: ({ createdAt }) => date(createdAt),
  vendedAt: ({ current }) => date(current?.vendedAt),
  expiresOn: ({ current }) => date(current?.expiresOn),
  rotateAt: ({ current }) => date(current?.rotateAt),
  revokedAt: ({ closed }) => date(closed?.since),
};

/** As in JSON, callers and managers do not see these. */
const FOR_OPERATORS: ReadonlySet<string> = new Set(['caller', 'rule', 'rotateAt']);

interface Listed {
  readonly rows: readonly Credential[];
  /** Ids of credentials that this version cannot read. An operator has to know that there are more. */
  readonly unreadable: readonly string[];
}

/** RFC 4180, with a line of names. */
export function csvOf({ rows, unreadable }: Listed, isOperator: boolean): string {
  const columns = Object.entries(COLUMNS).filter(([name]) => isOperator || !FOR_OPERATORS.has(name));
  const unread = (id: string): readonly string[] => [id, 'unreadable', ...columns.slice(2).map(() => '')];
  const lines = [
    columns.map(([name]) => name),
    ...rows.map((row) => columns.map(([, column]) => column(row) ?? '')),
    ...(isOperator ? unreadable.map(unread) : []),
  ];
  return lines.map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('');
}

/**
 * A spreadsheet computes a cell that begins like a formula, also after white space or in full width. An apostrophe makes it
 * text. Where a semicolon parts the cells, one cell is several.
 */
function cellOf(text: string): string {
  const harmless = text.replaceAll(/(^|[;\t])(?=\s*[=+\-@＝＋－＠])/g, "$1'");
  return /[",;\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
