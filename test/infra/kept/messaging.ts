import type { Kept } from './kept.ts';

/** No message is lost, and none is served twice because it was sent twice. */
export const MESSAGING: readonly Kept[] = [
  {
    file: 'modules/queue.bicep',
    so: 'a message whose worker died comes back once nobody holds its lease',
    values: "queue.properties.lockDuration = 'PT3M'",
  },
  {
    file: 'modules/queue.bicep',
    so: 'a message that nobody could serve is seen: it waits two weeks, is tried ten times, and becomes a dead letter',
    values: `
      queue.properties.defaultMessageTimeToLive = 'P14D'
      queue.properties.maxDeliveryCount = 10
      queue.properties.deadLetteringOnMessageExpiration = true
    `,
  },
  {
    file: 'modules/queue.bicep',
    so: 'a message that is sent twice arrives once',
    values: `
      queue.properties.requiresDuplicateDetection = true
      queue.properties.duplicateDetectionHistoryTimeWindow = duplicatesFor
    `,
  },
  {
    file: 'modules/queue.bicep',
    so: 'a queue gives the roles that it is asked for',
    values: `
      receiver if = (received)
      sender if = (sent)
    `,
  },
  {
    file: 'modules/bus.bicep',
    so: 'the function receives requests, retries and events, and sends retries and answers: what it may not, it cannot do by mistake',
    values: `
      queues = concat( map(requestQueues, one => { name: one, received: true, sent: false, duplicatesFor: 'PT1H' }), map(replyQueues, one => { name: one, received: false, sent: true, duplicatesFor: 'PT1H' }), [ { name: retryQueue, received: true, sent: true, duplicatesFor: 'PT1H' } { name: resultQueue, received: false, sent: true, duplicatesFor: 'PT1H' } ], eventGrid ? [{ name: eventQueue, received: true, sent: false, duplicatesFor: 'P1D' }] : [] )
      queue.params.received = item.received
      queue.params.sent = item.sent
      queue.params.duplicatesFor = item.duplicatesFor
    `,
  },
  {
    file: 'modules/bus.bicep',
    so: 'queues keep their names: a message in another one is read by nobody',
    values: `
      retryQueue = 'vend-retries'
      resultQueue = 'vend-results'
      eventQueue = 'vend-events'
      output hostName = split(replace(namespace.properties.serviceBusEndpoint, 'https://', ''), ':')[0]
      output retryQueue = retryQueue
      output resultQueue = resultQueue
      output eventQueue = eventGrid ? eventQueue : ''
    `,
  },
  {
    file: 'modules/bus.bicep',
    so: 'an event that is published twice arrives once, and waits two weeks for its subscribers',
    values: `
      topic.properties.requiresDuplicateDetection = true
      topic.properties.duplicateDetectionHistoryTimeWindow = 'PT1H'
      topic.properties.defaultMessageTimeToLive = 'P14D'
    `,
  },
  {
    file: 'modules/bus.bicep',
    so: 'there is no topic, and no right to send to one, unless it is asked for',
    values: `
      topic if = (!empty(eventTopic))
      topic.name = empty(eventTopic) ? 'none' : eventTopic
      topicSender if = (!empty(eventTopic))
    `,
  },
  {
    file: 'modules/bus.bicep',
    so: 'nobody sends by key or over old TLS, and a private bus is closed but to Event Grid',
    values: `
      namespace.properties.disableLocalAuth = true
      namespace.properties.minimumTlsVersion = '1.2'
      namespace.properties.publicNetworkAccess = publicAccess ? 'Enabled' : 'Disabled'
      namespace.sku = publicAccess ? { name: 'Standard', tier: 'Standard' } : { name: 'Premium', tier: 'Premium', capacity: 1 }
      firewall if = (!publicAccess)
      firewall.name = 'default'
      firewall.properties.defaultAction = 'Deny'
      firewall.properties.publicNetworkAccess = 'Disabled'
      firewall.properties.trustedServiceAccessEnabled = true
    `,
  },
  {
    file: 'modules/events.bicep',
    so: 'the events of expiring secrets reach the queue, and no others',
    values: `
      queueName = 'vend-events'
      topic.properties.source = vault.id
      topic.properties.topicType = 'Microsoft.KeyVault.vaults'
      delivery.properties.eventDeliverySchema = 'CloudEventSchemaV1_0'
      delivery.properties.filter.includedEventTypes = ['Microsoft.KeyVault.SecretNearExpiry', 'Microsoft.KeyVault.SecretExpired']
      delivery.properties.deliveryWithResourceIdentity.destination.endpointType = 'ServiceBusQueue'
      delivery.properties.deliveryWithResourceIdentity.destination.properties.resourceId = queue.id
      delivery.name = 'expiring-secrets'
      namespace.scope = resourceGroup(homeSubscriptionId, homeResourceGroup)
    `,
  },
  {
    file: 'modules/events.bicep',
    so: "Event Grid delivers under the topic's identity, once that has its roles",
    values: `
      topic.identity.type = 'SystemAssigned'
      delivery.dependsOn = [roles]
      delivery.properties.deliveryWithResourceIdentity.identity.type = 'SystemAssigned'
      delivery.properties.deadLetterWithResourceIdentity.identity.type = 'SystemAssigned'
      roles.scope = resourceGroup(homeSubscriptionId, homeResourceGroup)
    `,
  },
  {
    file: 'modules/events.bicep',
    so: 'an event that cannot be delivered for a day is kept where the function is',
    values: `
      homeSubscriptionId = subscription().subscriptionId
      homeResourceGroup = resourceGroup().name
      tags = {}
      delivery.properties.retryPolicy.maxDeliveryAttempts = 30
      delivery.properties.retryPolicy.eventTimeToLiveInMinutes = 1440
      deadLetterContainer = 'event-dead-letters'
      delivery.properties.deadLetterWithResourceIdentity.deadLetterDestination.endpointType = 'StorageBlob'
      delivery.properties.deadLetterWithResourceIdentity.deadLetterDestination.properties.resourceId = account.id
      delivery.properties.deadLetterWithResourceIdentity.deadLetterDestination.properties.blobContainerName = deadLetterContainer
      account.scope = resourceGroup(homeSubscriptionId, homeResourceGroup)
    `,
  },
];
