import { ManagedIdentityCredential } from '@azure/identity';
import { RetryMode, ServiceBusClient } from '@azure/service-bus';
import { type AppSettings, HostStartError } from './settings.ts';

/** Of the real host's client, .NET's. The one for Node.js waits 30 s before it connects again. */
const OPTIONS = { retryOptions: { mode: RetryMode.Exponential, retryDelayInMs: 800, maxRetryDelayInMs: 60_000 } };

/**
 * Opens the connection that a trigger names: the app setting itself holds a connection string, or
 * `<name>__fullyQualifiedNamespace` names a namespace for the managed identity (`<name>__clientId` if user-assigned).
 * @throws {HostStartError} when neither is set.
 */
export function openConnection(name: string, settings: AppSettings): ServiceBusClient {
  const setting = (key: string): string | undefined => settings[`AzureWebJobs${key}`] ?? settings[key];
  const connectionString = setting(name);
  if (connectionString !== undefined) return fromConnectionString(name, connectionString);
  const namespace = setting(`${name}__fullyQualifiedNamespace`);
  if (namespace === undefined)
    throw new HostStartError(
      `The Service Bus connection '${name}' is missing: set ${name} or ${name}__fullyQualifiedNamespace.`,
    );
  const clientId = setting(`${name}__clientId`);
  const credential =
    clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
  return new ServiceBusClient(namespace, credential, OPTIONS);
}

function fromConnectionString(name: string, connectionString: string): ServiceBusClient {
  try {
    return new ServiceBusClient(connectionString, OPTIONS);
  } catch {
    // The client's message quotes the connection string, which holds a key.
    throw new HostStartError(`The app setting ${name} is not a Service Bus connection string.`);
  }
}
