import * as z from 'zod';

/** The Confluent cluster (Kafka or Schema Registry) that a key is for, as ARM addresses it. */
export interface Target {
  readonly subscriptionId: string;
  readonly resourceGroupName: string;
  readonly organizationName: string;
  readonly environmentId: string;
  readonly clusterId: string;
}

export const targetSchema = z.strictObject({
  subscriptionId: z.string(),
  resourceGroupName: z.string(),
  organizationName: z.string(),
  environmentId: z.string(),
  clusterId: z.string(),
}) satisfies z.ZodType<Target>;
