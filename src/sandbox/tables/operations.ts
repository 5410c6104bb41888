/** The fault plan names requests to the table service so. */
export type TableOperation =
  | 'createTable'
  | 'deleteTable'
  | 'queryTables'
  | 'insert'
  | 'get'
  | 'query'
  | 'replace'
  | 'delete'
  | 'batch'
  | 'unknown';

const ENTITY = /^\/[^/(]+\([^)]/;
const TABLE = /^\/[A-Za-z][A-Za-z0-9]{2,62}(?:\(\))?$/;

/** Rows of a page, at most. */
export const MAX_PAGE = 1_000;

/** `path` is percent-encoded and begins below the account. */
export function tableOperation(method: string, path: string): TableOperation {
  if (path === '/$batch') return 'batch';
  if (path === '/Tables' || path === '/Tables()') return byMethod(method, { POST: 'createTable', GET: 'queryTables' });
  if (/^\/Tables\((?:'|%27)/.test(path)) return byMethod(method, { DELETE: 'deleteTable' });
  if (ENTITY.test(path)) {
    return byMethod(method, { GET: 'get', PUT: 'replace', PATCH: 'replace', MERGE: 'replace', DELETE: 'delete' });
  }
  if (TABLE.test(path)) return byMethod(method, { POST: 'insert', GET: 'query' });
  return 'unknown';
}

const byMethod = (method: string, operations: Readonly<Record<string, TableOperation>>): TableOperation =>
  operations[method] ?? 'unknown';
