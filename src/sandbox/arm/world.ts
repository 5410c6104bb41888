/** What exists in the emulated subscription. */
export interface ArmWorld {
  readonly subscriptionId: string;
  readonly resourceGroupName: string;
  readonly organizationName: string;
  /** Confluent's own id of the organization, as it stands in resource names. */
  readonly confluentOrganizationId: string;
  /** The owner of the keys that a managed identity mints. */
  readonly serviceAccountId: string;
  /** Environment id to the ids of its clusters. */
  readonly environments: ReadonlyMap<string, readonly string[]>;
}

/** The world of the examples published with the Microsoft.Confluent REST specification. */
export const EXAMPLE_WORLD: ArmWorld = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroupName: 'myResourceGroup',
  organizationName: 'myOrganization',
  confluentOrganizationId: '37d1220b-93a6-43e3-a114-dd8a20a94a31',
  serviceAccountId: 'sa-wwn7mm',
  environments: new Map([['env-12132', ['clusterId-123', 'lkc-1126wj', 'lsrc-stgc1yrzz3']]]),
};
