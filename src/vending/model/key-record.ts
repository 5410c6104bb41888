/** Who owns a key or what it is for, as Confluent names it. Every field is optional in the provider's schema. */
export interface KeyPrincipal {
  readonly id?: string;
  readonly kind?: string;
  readonly related?: string;
  readonly resourceName?: string;
}

export interface KeyResource extends KeyPrincipal {
  readonly environment?: string;
}

/**
 * ARM's `APIKeyRecord` (2024-07-01) without `spec.secret`. Built field by field from a schema, never by deleting from
 * a copy of the answer, so that a field that the provider adds tomorrow cannot leak.
 */
export interface KeyRecord {
  readonly id: string;
  readonly kind?: string;
  readonly metadata: {
    readonly createdTimestamp?: string;
    readonly updatedTimestamp?: string;
    readonly deletedTimestamp?: string;
    readonly resourceName?: string;
    readonly self?: string;
  };
  readonly spec: {
    readonly name?: string;
    readonly description?: string;
    readonly owner?: KeyPrincipal;
    readonly resource?: KeyResource;
  };
}
