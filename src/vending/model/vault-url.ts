/** A vault of the public cloud or of a sovereign one, by its DNS name: no port, no path. */
export const VAULT_URL =
  /^https:\/\/(?=[A-Za-z0-9-]{3,24}\.)[A-Za-z](?:-?[A-Za-z0-9])*\.vault\.(?:azure\.net|azure\.cn|usgovcloudapi\.net)\/?$/;

/** One spelling for one vault: the ledger's claims on secret names are made under it. */
export function normalizeVaultUrl(url: string): string {
  return url.toLowerCase().replace(/\/$/, '');
}
