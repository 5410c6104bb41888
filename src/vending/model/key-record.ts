import * as z from 'zod';

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
