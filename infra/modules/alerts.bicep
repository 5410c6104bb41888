metadata description = 'Every alert has an entry of the same name in RUNBOOK.md.'

@description('Region.')
param location string

@description('Tags on every resource.')
param tags { *: string }

@description('Every name begins with this.')
param baseName string

@description('Workspace that the queries read.')
param workspaceId string

@description('Resource id of the Service Bus namespace.')
param busId string

@description('Resource id of the Event Grid system topic; empty: there is none.')
param eventTopicId string

@description('E-mail addresses that alerts go to.')
param emails string[]

@description('URL of RUNBOOK.md.')
param runbookUrl string

// 0 is the gravest. A query finds something wrong or finds nothing.
// A rule with a dimension has one alert for each value of that column. Without it, the first credential's alert would hide
// every later one until all are resolved, because Azure sends nothing for an alert that has fired.
var rules = [
  {
    name: 'outcome-unknown'
    summary: 'Nobody knows whether an attempt minted a key. An operator has to look.'
    severity: 1
    frequency: 'PT15M'
    window: 'P1D'
    lookback: 'P2D'
    dimension: 'credentialId'
    query: loadTextContent('../alerts/outcome-unknown.kql')
  }
  {
    name: 'undecided-key'
    summary: 'A key that has to go lives on, or nobody can say what became of one.'
    severity: 1
    frequency: 'PT15M'
    window: 'P1D'
    lookback: 'P2D'
    dimension: 'credentialId'
    query: loadTextContent('../alerts/undecided-key.kql')
  }
  {
    name: 'rotation-failed'
    summary: 'A rotation that was due did not happen.'
    severity: 1
    frequency: 'PT15M'
    window: 'P1D'
    lookback: 'P2D'
    dimension: 'credentialId'
    query: loadTextContent('../alerts/rotation-failed.kql')
  }
  {
    name: 'open-credentials'
    summary: 'Credentials have waited for a person for an hour to three.'
    severity: 2
    frequency: 'PT15M'
    window: 'PT3H'
    lookback: 'PT3H'
    dimension: 'reason'
    query: loadTextContent('../alerts/open-credentials.kql')
  }
  {
    name: 'row-unreadable'
    summary: 'The ledger holds a row that this version cannot read.'
    severity: 1
    frequency: 'PT15M'
    window: 'PT2H'
    lookback: 'PT2H'
    dimension: 'credentialId'
    query: loadTextContent('../alerts/row-unreadable.kql')
  }
  {
    name: 'defect'
    summary: 'The function met a defect or abandoned a message.'
    severity: 1
    frequency: 'PT5M'
    window: 'PT15M'
    lookback: 'PT15M'
    dimension: ''
    query: loadTextContent('../alerts/defect.kql')
  }
  {
    name: 'no-successful-vend'
    summary: 'Requests fail by no fault of their own, and none succeeded.'
    severity: 1
    frequency: 'PT15M'
    window: 'PT1H'
    lookback: 'PT1H'
    dimension: ''
    query: loadTextContent('../alerts/no-successful-vend.kql')
  }
  {
    name: 'reconciler-silent'
    summary: 'The reconciler has not finished a run for a quarter of an hour.'
    severity: 1
    frequency: 'PT5M'
    window: 'PT15M'
    lookback: 'PT15M'
    dimension: ''
    query: loadTextContent('../alerts/reconciler-silent.kql')
  }
  {
    name: 'reviews-late'
    summary: 'The reconciler does not keep up with what is due.'
    severity: 1
    frequency: 'PT5M'
    window: 'PT15M'
    lookback: 'PT15M'
    dimension: ''
    query: loadTextContent('../alerts/reviews-late.kql')
  }
  {
    name: 'failure-ratio'
    summary: 'More than a fifth of the requests fail by no fault of their own.'
    severity: 2
    frequency: 'PT15M'
    window: 'PT1H'
    lookback: 'PT1H'
    dimension: ''
    query: loadTextContent('../alerts/failure-ratio.kql')
  }
  {
    name: 'quota-exhausted'
    summary: 'Confluent allows no further key for some owner or cluster.'
    severity: 2
    frequency: 'PT15M'
    window: 'PT1H'
    lookback: 'PT1H'
    dimension: ''
    query: loadTextContent('../alerts/quota-exhausted.kql')
  }
  {
    name: 'dependency-failing'
    summary: 'Vault, ledger, bus, topic or identity provider keep failing.'
    severity: 2
    frequency: 'PT5M'
    window: 'PT15M'
    lookback: 'PT15M'
    dimension: ''
    query: loadTextContent('../alerts/dependency-failing.kql')
  }
]

var busMetrics = [
  {
    name: 'dead-letters'
    summary: 'A queue has dead letters: messages that nobody will answer.'
    severity: 1
    scope: busId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'DeadletteredMessages'
    aggregation: 'Maximum'
    dimension: 'EntityName'
  }
]

var eventMetrics = [
  {
    name: 'event-dead-letters'
    summary: 'Event Grid could not deliver an event about an expiring secret.'
    severity: 2
    scope: eventTopicId
    namespace: 'Microsoft.EventGrid/systemTopics'
    metric: 'DeadLetteredCount'
    aggregation: 'Total'
    dimension: 'EventSubscriptionName'
  }
]

var metrics = concat(busMetrics, empty(eventTopicId) ? [] : eventMetrics)

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${baseName}-operators'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: take(baseName, 12)
    emailReceivers: [
      for email in emails: {
        name: email
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource logAlerts 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in rules: {
    name: '${baseName}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${baseName}: ${rule.name}'
      description: '${rule.summary} Runbook: ${runbookUrl}#${rule.name}'
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      overrideQueryTimeRange: rule.lookback == rule.window ? null : rule.lookback
      autoMitigate: true
      // A new workspace has no tables before the first trace.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: empty(rule.dimension) ? [] : [{ name: rule.dimension, operator: 'Include', values: ['*'] }]
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: {
        actionGroups: [operators.id]
        customProperties: { runbook: '${runbookUrl}#${rule.name}' }
      }
    }
  }
]

resource metricAlerts 'Microsoft.Insights/metricAlerts@2026-01-01' = [
  for rule in metrics: {
    name: '${baseName}-${rule.name}'
    location: 'global'
    tags: tags
    properties: {
      description: '${rule.summary} Runbook: ${runbookUrl}#${rule.name}'
      severity: rule.severity
      enabled: true
      scopes: [rule.scope]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: rule.name
            metricNamespace: rule.namespace
            metricName: rule.metric
            timeAggregation: rule.aggregation
            operator: 'GreaterThan'
            threshold: 0
            dimensions: [{ name: rule.dimension, operator: 'Include', values: ['*'] }]
          }
        ]
      }
      actions: [{ actionGroupId: operators.id, webHookProperties: { runbook: '${runbookUrl}#${rule.name}' } }]
    }
  }
]
