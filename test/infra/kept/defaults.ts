import type { Kept } from './kept.ts';

/** A deployment that names no value gets another one with the next version, if a default changes. */
export const DEFAULTS: readonly Kept[] = [
  {
    file: 'main.bicep',
    so: 'a later version finds ledger, vault and bus under their names: others would be empty, and an empty ledger gives second keys',
    values: `
      namePrefix = 'ckvend' @minLength(3) @maxLength(10)
      suffix = take(uniqueString(resourceGroup().id), 8)
      prefix = toLower(namePrefix)
      vaultName = '\${prefix}-kv-\${suffix}'
      busName = '\${prefix}-bus-\${suffix}'
      storageName = '\${prefix}\${suffix}'
      identity.name = '\${prefix}-id-\${suffix}'
    `,
  },
  {
    file: 'main.bicep',
    so: 'nobody gets a role, a queue, a topic or a network unasked',
    values: `
      requestQueues = ['vend-requests'] @minLength(1)
      replyQueues = []
      eventTopic = '' @maxLength(260)
      eventGrid = false
      privateNetworking = false
      allowedCallers = []
      networkAddressPrefix = '10.90.0.0/24'
      otlpEndpoint = ''
      furtherSettings = {}
      tags = {}
    `,
  },
  {
    file: 'main.bicep',
    so: 'the function vends unless it is paused, for the tenant and the organization of its own subscription',
    values: `
      mode = 'normal' @allowed(['normal', 'paused'])
      location = resourceGroup().location
      entraTenantId = tenant().tenantId @minLength(36) @maxLength(36)
      confluentSubscriptionId = subscription().subscriptionId @minLength(36) @maxLength(36)
      confluentResourceGroup = resourceGroup().name @minLength(1) @maxLength(90)
      operatorRole = 'KeyVending.Operator' @minLength(1)
    `,
  },
  {
    file: 'main.bicep',
    so: 'a deployment cannot leave out what nobody can guess',
    values: `
      policy = - @minLength(2)
      entraAudience = - @minLength(1)
      confluentOrganization = - @minLength(1)
      alertEmails = - @minLength(1)
      runbookUrl = - @minLength(1)
    `,
  },
  {
    file: 'main.bicep',
    so: 'a failover to another region, which loses the last rows of the ledger, cannot be chosen',
    values: "storageSku = 'Standard_ZRS' @allowed(['Standard_LRS', 'Standard_ZRS'])",
  },
  {
    file: 'main.bicep',
    so: 'the app is as large as the pages on cost and speed say, and the audit trail is kept for a year',
    values: `
      nodeVersion = '24' @allowed(['22', '24'])
      instanceMemoryMB = 2048 @allowed([512, 2048, 4096])
      maximumInstances = 40 @minValue(1) @maxValue(1000)
      logRetentionDays = 365 @minValue(30) @maxValue(730)
    `,
  },
  {
    file: 'main.bicep',
    so: 'host and function act as the identity that has the roles',
    values: `
      settings.AzureWebJobsStorage__credential = 'managedidentity'
      settings.AzureWebJobsStorage__clientId = identity.properties.clientId
      settings.AzureWebJobsStorage__accountName = storageName
      settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING = 'Authorization=AAD;ClientId=\${identity.properties.clientId}'
      settings.AZURE_CLIENT_ID = identity.properties.clientId
      settings.AZURE_CREDENTIAL = 'managed-identity'
      settings.ServiceBusConnection__credential = 'managedidentity'
      settings.ServiceBusConnection__clientId = identity.properties.clientId
    `,
  },
  {
    file: 'main.bicep',
    so: 'every setting names what the same deployment makes, or what it was given',
    values: `
      settings.APPLICATIONINSIGHTS_CONNECTION_STRING = observability.outputs.connectionString
      settings.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT = '1100000'
      settings.OTEL_EXPORTER_OTLP_ENDPOINT = otlpEndpoint
      settings.ENTRA_TENANT_ID = entraTenantId
      settings.ENTRA_AUDIENCE = entraAudience
      settings.OPERATOR_ROLE = operatorRole
      settings.MODE = mode
      settings.POLICY = policy
      settings.KEY_VAULT_URL = vault.outputs.url
      settings.LEDGER_TABLE_ENDPOINT = storage.outputs.tableEndpoint
      settings.LEDGER_TABLE_NAME = storage.outputs.ledgerTable
      settings.ServiceBusConnection__fullyQualifiedNamespace = bus.outputs.hostName
      settings.REQUEST_QUEUES = join(requestQueues, ',')
      settings.RETRY_QUEUE = bus.outputs.retryQueue
      settings.RESULT_QUEUE = bus.outputs.resultQueue
      settings.REPLY_QUEUES = join(replyQueues, ',')
      settings.EVENT_QUEUE = bus.outputs.eventQueue
      settings.EVENT_TOPIC_NAME = eventTopic
      settings.CONFLUENT_SUBSCRIPTION_ID = confluentSubscriptionId
      settings.CONFLUENT_RESOURCE_GROUP = confluentResourceGroup
      settings.CONFLUENT_ORGANIZATION = confluentOrganization
      function.params.settings = union(settings, furtherSettings)
    `,
  },
  {
    file: 'main.bicep',
    so: 'the function may mint, look up and delete keys, where the organization is',
    values: `
      confluentActions = [ 'Microsoft.Confluent/organizations/environments/clusters/createAPIKey/action' 'Microsoft.Confluent/organizations/apiKeys/read' 'Microsoft.Confluent/organizations/apiKeys/delete' ] @minLength(1)
      confluent.scope = resourceGroup(confluentSubscriptionId, confluentResourceGroup)
      confluent.params.actions = confluentActions
    `,
  },
  {
    file: 'main.bicep',
    so: 'private networking closes every service',
    values: `
      vault.params.publicAccess = !privateNetworking
      bus.params.publicAccess = !privateNetworking
      storage.params.publicAccess = !privateNetworking
      network if = (privateNetworking)
      function.params.subnetId = privateNetworking ? network!.outputs.integrationSubnetId : ''
    `,
  },
  {
    file: 'main.bicep',
    so: 'Event Grid comes only where it is asked for, after what it delivers to, and with its alert',
    values: `
      events if = (eventGrid)
      events.dependsOn = [vault, bus, storage]
      alerts.params.eventTopicId = eventGrid ? events!.outputs.topicId : ''
    `,
  },
];
