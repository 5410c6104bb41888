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
