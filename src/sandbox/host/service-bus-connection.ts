import { ManagedIdentityCredential } from '@azure/identity';
import { ServiceBusClient } from '@azure/service-bus';
import { type AppSettings, HostStartError } from './settings.ts';

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
  return new ServiceBusClient(namespace, credential);
}

function fromConnectionString(name: string, connectionString: string): ServiceBusClient {
  try {
    return new ServiceBusClient(connectionString);
  } catch {
    // The client's message quotes the connection string, which holds a key.
    throw new HostStartError(`The app setting ${name} is not a Service Bus connection string.`);
  }
}
