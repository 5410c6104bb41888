import type { TokenCredential } from '@azure/identity';
import { ServiceBusClient, type ServiceBusClientOptions } from '@azure/service-bus';

/** An unanswered send is noticed by its time alone, even where the connection was cut. */
const RETRIES = { timeoutInMs: 10_000, maxRetries: 2, retryDelayInMs: 500, maxRetryDelayInMs: 4_000 };

export type MessengerOptions = { readonly clientOptions?: ServiceBusClientOptions } & (
  | { readonly connectionString: string }
  | { readonly fullyQualifiedNamespace: string; readonly credential: TokenCredential }
);

export function openClient(options: MessengerOptions): ServiceBusClient {
  const clientOptions: ServiceBusClientOptions = { retryOptions: RETRIES, ...options.clientOptions };
  if ('connectionString' in options) return new ServiceBusClient(options.connectionString, clientOptions);
  return new ServiceBusClient(options.fullyQualifiedNamespace, options.credential, clientOptions);
}
