metadata description = 'The Service Bus namespace: one role on each queue, none on the namespace.'

@description('Region.')
param location string

@description('Tags on every resource.')
param tags { *: string }

@description('Name of the namespace.')
@minLength(6)
@maxLength(50)
param name string

@description('Queues that requests come by.')
param requestQueues string[]

@description('Further queues for answers.')
param replyQueues string[]

@description('Topic for events out; empty: none.')
param eventTopic string

@description('Makes the queue for events of Event Grid.')
param eventGrid bool

@description('Resource id of the function\'s identity. Names of role assignments come from it, so what-if can predict them.')
param identityId string

@description('Object id of the function\'s identity.')
param principalId string

@description('Workspace for the operational log.')
param workspaceId string

@description('False: reached by private endpoint, and by Event Grid as a trusted service; needs Premium.')
param publicAccess bool

var serviceBusDataSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
var retryQueue = 'vend-retries'
var resultQueue = 'vend-results'
var eventQueue = 'vend-events'

// Event Grid repeats a delivery for a day under the same message id, so duplicates are detected for as long.
var queues = concat(
  map(requestQueues, one => { name: one, received: true, sent: false, duplicatesFor: 'PT1H' }),
  map(replyQueues, one => { name: one, received: false, sent: true, duplicatesFor: 'PT1H' }),
  [
    { name: retryQueue, received: true, sent: true, duplicatesFor: 'PT1H' }
    { name: resultQueue, received: false, sent: true, duplicatesFor: 'PT1H' }
  ],
  eventGrid ? [{ name: eventQueue, received: true, sent: false, duplicatesFor: 'P1D' }] : []
)

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: name
  location: location
  tags: tags
  sku: publicAccess ? { name: 'Standard', tier: 'Standard' } : { name: 'Premium', tier: 'Premium', capacity: 1 }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
  }
}

resource firewall 'Microsoft.ServiceBus/namespaces/networkRuleSets@2026-01-01' = if (!publicAccess) {
  parent: namespace
  name: 'default'
  properties: {
    defaultAction: 'Deny'
    publicNetworkAccess: 'Disabled'
    trustedServiceAccessEnabled: true
  }
}

module queue 'queue.bicep' = [
  for item in queues: {
    name: 'queue-${uniqueString(item.name)}'
    params: {
      namespaceName: namespace.name
      name: item.name
      duplicatesFor: item.duplicatesFor
      received: item.received
      sent: item.sent
      identityId: identityId
      principalId: principalId
    }
  }
]

resource topic 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' = if (!empty(eventTopic)) {
  parent: namespace
  name: empty(eventTopic) ? 'none' : eventTopic
  properties: {
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: 'PT1H'
    defaultMessageTimeToLive: 'P14D'
  }
}

resource topicSender 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(eventTopic)) {
  name: guid(topic.id, identityId, serviceBusDataSender)
  scope: topic
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', serviceBusDataSender)
  }
}

// Every other version is older, and has no categoryGroup.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: namespace
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Resource id.')
output id string = namespace.id

@description('<name>.servicebus.windows.net')
output hostName string = split(replace(namespace.properties.serviceBusEndpoint, 'https://', ''), ':')[0]

@description('The function\'s own queue for delayed copies.')
output retryQueue string = retryQueue

@description('Where answers go.')
output resultQueue string = resultQueue

@description('Where Event Grid delivers; empty: nowhere.')
output eventQueue string = eventGrid ? eventQueue : ''
