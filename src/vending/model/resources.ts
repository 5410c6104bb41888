import * as z from 'zod';

/** The Confluent cluster (Kafka or Schema Registry) that a key is for, as ARM addresses it. */
export const targetSchema = z.strictObject({
  subscriptionId: z.string(),
  resourceGroupName: z.string(),
  organizationName: z.string(),
  environmentId: z.string(),
  clusterId: z.string(),
});

export type Target = Readonly<z.infer<typeof targetSchema>>;

const text = () => z.string().exactOptional();

const principal = { id: text(), kind: text(), related: text(), resourceName: text() };

/**
 * ARM's `APIKeyRecord` (2024-07-01) without `spec.secret`. The schema names every field but the secret, so a field that
 * the provider adds tomorrow cannot leak. Every field but the id is optional in the provider's schema.
 */
export const keyRecordSchema = z.strictObject({
  id: z.string(),
  kind: text(),
  metadata: z.strictObject({
    createdTimestamp: text(),
    updatedTimestamp: text(),
    deletedTimestamp: text(),
    resourceName: text(),
    self: text(),
  }),
  spec: z.strictObject({
    name: text(),
    description: text(),
    owner: z.strictObject(principal).exactOptional(),
    resource: z.strictObject({ ...principal, environment: text() }).exactOptional(),
  }),
});

export type KeyRecord = z.infer<typeof keyRecordSchema>;

// Every segment of an upstream URL comes through one of these. None of them matches `.` or `..`: URL normalisation
// collapses those even when percent-encoded, and `DELETE …/organizations/org/apiKeys/..` deletes the organization.
export const SUBSCRIPTION_ID = /^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$/;
export const RESOURCE_GROUP_NAME = /^[A-Za-z0-9._()-]{0,89}[A-Za-z0-9_()-]$/;
export const ORGANIZATION_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const ENVIRONMENT_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
export const API_KEY_ID = /^[A-Za-z0-9_-]{1,64}$/;
export const CLUSTER_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** A vault of the public cloud or of a sovereign one, by its DNS name: no port, no path. */
export const VAULT_URL =
  /^https:\/\/(?=[A-Za-z0-9-]{3,24}\.)[A-Za-z](?:-?[A-Za-z0-9])*\.vault\.(?:azure\.net|azure\.cn|usgovcloudapi\.net)\/?$/;

/** One spelling for one vault: the ledger's claims on secret names are made under it. */
export function normalizeVaultUrl(url: string): string {
  return url.toLowerCase().replace(/\/$/, '');
}
