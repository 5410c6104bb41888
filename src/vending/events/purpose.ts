/** What an event that came in is for, by its type. */
export type Purpose =
  | { readonly kind: 'command'; readonly operation: Operation }
  | { readonly kind: 'key-vault'; readonly event: ExpiryEvent }
  | { readonly kind: 'subscription-validation' }
  | { readonly kind: 'other' };

export type Operation = 'vend' | 'revoke' | 'rotate';
export type ExpiryEvent = 'near-expiry' | 'expired';

const OPERATIONS: readonly (readonly [RegExp, Operation])[] = [
  [/(?:^|\.)apikey\.requested\.v1$/, 'vend'],
  [/(?:^|\.)apikey\.revoke\.requested\.v1$/, 'revoke'],
  [/(?:^|\.)apikey\.rotate\.requested\.v1$/, 'rotate'],
];

/** @param type of a CloudEvent, or `eventType` of Event Grid. */
export function purposeOf(type: string): Purpose {
  switch (type) {
    case 'Microsoft.KeyVault.SecretNearExpiry':
      return { kind: 'key-vault', event: 'near-expiry' };
    case 'Microsoft.KeyVault.SecretExpired':
      return { kind: 'key-vault', event: 'expired' };
    case 'Microsoft.EventGrid.SubscriptionValidationEvent':
      return { kind: 'subscription-validation' };
  }
  const operation = OPERATIONS.find(([pattern]) => pattern.test(type))?.[1];
  return operation === undefined ? { kind: 'other' } : { kind: 'command', operation };
}
