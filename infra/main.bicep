targetScope = 'resourceGroup'

metadata description = 'Confluent API key vending: the function and all that it needs, in one resource group.'

@description('Where everything goes.')
param location string = resourceGroup().location

@description('Every name begins with this: lower-case letters and digits.')
@minLength(3)
@maxLength(10)
param namePrefix string = 'ckvend'

@description('Tags on every resource.')
param tags { *: string } = {}

@description('Node.js version of the function.')
@allowed(['22', '24'])
param nodeVersion string = '24'

@description('Memory of one instance, in MB. Some regions have refused 512.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Instances at most. Flex Consumption has long taken no limit below 40.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 40

@description('Replication of the storage account that holds the ledger. None that can fail over to another region: the last rows would be lost.')
@allowed(['Standard_LRS', 'Standard_ZRS'])
param storageSku string = 'Standard_ZRS'

@description('The policy itself, JSON with comments: loadTextContent(\'policy.jsonc\'). It holds no secrets.')
@minLength(2)
param policy string

@description('Audiences of callers\' tokens, separated by commas: the client id of the application, for tokens of version 2')
@minLength(1)
param entraAudience string

@description('Tenant whose tokens callers present.')
@minLength(36)
@maxLength(36)
param entraTenantId string = tenant().tenantId

@description('App role of operators.')
@minLength(1)
param operatorRole string = 'KeyVending.Operator'

@description('normal, or paused: nothing new is minted.')
@allowed(['normal', 'paused'])
param mode string = 'normal'

@description('Subscription of the Confluent organization.')
@minLength(36)
@maxLength(36)
param confluentSubscriptionId string = subscription().subscriptionId

@description('Resource group of the Confluent organization.')
@minLength(1)
@maxLength(90)
param confluentResourceGroup string = resourceGroup().name

@description('Name of the Confluent organization resource.')
@minLength(1)
param confluentOrganization string

@description('What the function may do there. Derived from the REST paths, not confirmed: az provider operation show --namespace Microsoft.Confluent')
@minLength(1)
param confluentActions string[] = [
  'Microsoft.Confluent/organizations/environments/clusters/createAPIKey/action'
  'Microsoft.Confluent/organizations/apiKeys/read'
  'Microsoft.Confluent/organizations/apiKeys/delete'
]

@description('Queues that requests come by, one for each team.')
@minLength(1)
param requestQueues string[] = ['vend-requests']

@description('Queues besides the result queue that a sender may name as replyTo.')
param replyQueues string[] = []

@description('Service Bus topic that the function publishes events to; empty: none.')
@maxLength(260)
param eventTopic string = ''

@description('A queue for events of Event Grid, and on it the expiry events of the vault. They make reviews earlier; every date is kept without them.')
param eventGrid bool = false

@description('URL of an OTLP/HTTP collector for spans and metrics, without /v1/…; empty: there are none.')
param otlpEndpoint string = ''

@description('App settings beyond these, such as LEASE_SECONDS or EVENT_ALLOWED_ORIGINS. No secrets.')
param furtherSettings { *: string } = {}

@description('Addresses (CIDR) that may call the function; none named: any. Every call needs a token either way.')
param allowedCallers string[] = []

@description('Closes vault, bus and storage to the internet: virtual network, private endpoints, Service Bus Premium.')
param privateNetworking bool = false

@description('Address space of that network: a /24 at least.')
param networkAddressPrefix string = '10.90.0.0/24'

@description('E-mail addresses that alerts go to.')
@minLength(1)
param alertEmails string[]

@description('URL of RUNBOOK.md as operators reach it; alerts append their anchor.')
@minLength(1)
param runbookUrl string

@description('Days that logs, and with them the audit trail, are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 365

var suffix = take(uniqueString(resourceGroup().id), 8)
var prefix = toLower(namePrefix)
var vaultName = '${prefix}-kv-${suffix}'
var busName = '${prefix}-bus-${suffix}'
var storageName = '${prefix}${suffix}'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-id-${suffix}'
  location: location
  tags: tags
}

module observability 'modules/observability.bicep' = {
  name: 'observability'
  params: {
    location: location
    tags: tags
    baseName: '${prefix}-${suffix}'
    retentionDays: logRetentionDays
    identityId: identity.id
    principalId: identity.properties.principalId
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  params: {
    location: location
    tags: tags
    name: vaultName
    identityId: identity.id
    principalId: identity.properties.principalId
    workspaceId: observability.outputs.workspaceId
    publicAccess: !privateNetworking
  }
}

module bus 'modules/bus.bicep' = {
  name: 'bus'
  params: {
    location: location
    tags: tags
    name: busName
    requestQueues: requestQueues
    replyQueues: replyQueues
    eventTopic: eventTopic
    eventGrid: eventGrid
    identityId: identity.id
    principalId: identity.properties.principalId
    workspaceId: observability.outputs.workspaceId
    publicAccess: !privateNetworking
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    location: location
    tags: tags
    name: storageName
    sku: storageSku
    eventGrid: eventGrid
    identityId: identity.id
    principalId: identity.properties.principalId
    workspaceId: observability.outputs.workspaceId
    publicAccess: !privateNetworking
  }
}

module events 'modules/events.bicep' = if (eventGrid) {
  name: 'events'
  dependsOn: [vault, bus, storage]
  params: {
    location: location
    tags: tags
    name: '${prefix}-events-${suffix}'
    vaultName: vaultName
    busName: busName
    storageName: storageName
  }
}

module confluent 'modules/confluent-role.bicep' = {
  name: 'confluent-${suffix}'
  scope: resourceGroup(confluentSubscriptionId, confluentResourceGroup)
  params: {
    organizationName: confluentOrganization
    identityId: identity.id
    principalId: identity.properties.principalId
    actions: confluentActions
    deploymentId: suffix
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  name: 'network'
  params: {
    location: location
    tags: tags
    baseName: '${prefix}-${suffix}'
    addressPrefix: networkAddressPrefix
    vaultId: vault.outputs.id
    busId: bus.outputs.id
    storageId: storage.outputs.id
  }
}

module function 'modules/function.bicep' = {
  name: 'function'
  params: {
    location: location
    tags: tags
    name: '${prefix}-func-${suffix}'
    nodeVersion: nodeVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstances: maximumInstances
    identityId: identity.id
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    subnetId: privateNetworking ? network!.outputs.integrationSubnetId : ''
    allowedCallers: allowedCallers
    settings: union(settings, furtherSettings)
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    location: location
    tags: tags
    baseName: prefix
    workspaceId: observability.outputs.workspaceId
    busId: bus.outputs.id
    eventTopicId: eventGrid ? events!.outputs.topicId : ''
    emails: alertEmails
    runbookUrl: runbookUrl
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  params: {
    location: location
    tags: tags
    title: '${prefix}: key vending'
    workspaceId: observability.outputs.workspaceId
    runbookUrl: runbookUrl
  }
}

var settings = {
  AzureWebJobsStorage__accountName: storageName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.properties.clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: observability.outputs.connectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD;ClientId=${identity.properties.clientId}'
  // The host reads a body before anything checks the token, by default 100 MB of it. The function takes 1 MiB of events,
  // and answers a little more than that itself, with 413.
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1100000'
  OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint
  AZURE_CLIENT_ID: identity.properties.clientId
  AZURE_CREDENTIAL: 'managed-identity'
  ENTRA_TENANT_ID: entraTenantId
  ENTRA_AUDIENCE: entraAudience
  OPERATOR_ROLE: operatorRole
  MODE: mode
  POLICY: policy
  KEY_VAULT_URL: vault.outputs.url
  LEDGER_TABLE_ENDPOINT: storage.outputs.tableEndpoint
  LEDGER_TABLE_NAME: storage.outputs.ledgerTable
  ServiceBusConnection__fullyQualifiedNamespace: bus.outputs.hostName
  ServiceBusConnection__credential: 'managedidentity'
  ServiceBusConnection__clientId: identity.properties.clientId
  REQUEST_QUEUES: join(requestQueues, ',')
  RETRY_QUEUE: bus.outputs.retryQueue
  RESULT_QUEUE: bus.outputs.resultQueue
  REPLY_QUEUES: join(replyQueues, ',')
  EVENT_QUEUE: bus.outputs.eventQueue
  EVENT_TOPIC_NAME: eventTopic
  CONFLUENT_SUBSCRIPTION_ID: confluentSubscriptionId
  CONFLUENT_RESOURCE_GROUP: confluentResourceGroup
  CONFLUENT_ORGANIZATION: confluentOrganization
}

@description('For: az functionapp deployment source config-zip --name')
output functionName string = function.outputs.name

@description('Where callers send their requests.')
output functionUrl string = 'https://${function.outputs.hostName}/api/v1/credentials'

@description('Says whether it can work: {"status":"ready"}.')
output readyUrl string = 'https://${function.outputs.hostName}/api/health/ready'

@description('The Service Bus namespace.')
output busHostName string = bus.outputs.hostName

@description('The Service Bus namespace, by name: for modules/events.bicep.')
output busName string = busName

@description('The storage account: the ledger, and events that could not be delivered.')
output storageName string = storageName

@description('The vault of keys whose policy rule names none.')
output vaultName string = vaultName

@description('For roles elsewhere: vaults of single teams, other organizations.')
output identityId string = identity.id

@description('For the same roles.')
output identityPrincipalId string = identity.properties.principalId

@description('For queries: az monitor log-analytics query --workspace')
output workspaceCustomerId string = observability.outputs.workspaceCustomerId
