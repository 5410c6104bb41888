/** What the Azure clients read, in this order and in small letters too. */
const NAMES = ['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY'];

/**
 * Removes what would lead clients through a proxy. The clients of identity, vault and table would go there, and the identity
 * endpoint's secret header with them. Clients read the environment when they are made, so call it first.
 *
 * @returns the names that were set
 */
export function ignoreProxies(env: Record<string, string | undefined>): readonly string[] {
  const set = NAMES.flatMap((name) => [name, name.toLowerCase()]).filter((name) => (env[name] ?? '') !== '');
  for (const name of set) delete env[name];
  return set;
}
