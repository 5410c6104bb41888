import type { Kept } from './kept.ts';

/**
 * The audit trail is complete, and somebody is woken. A diagnostic setting keeps its name: Azure refuses a second one to the
 * same workspace.
 */
export const MONITORING: readonly Kept[] = [
  {
    file: 'modules/observability.bicep',
    so: 'nobody writes or reads logs by key, and they are kept as long as they are asked to be',
    values: `
      workspace.properties.sku.name = 'PerGB2018'
      workspace.properties.retentionInDays = retentionDays
      workspace.properties.features.disableLocalAuth = true
      insights.kind = 'web'
      insights.properties.Application_Type = 'web'
      insights.properties.WorkspaceResourceId = workspace.id
      insights.properties.IngestionMode = 'LogAnalytics'
      insights.properties.DisableLocalAuth = true
    `,
  },
  {
    file: 'modules/vault.bicep',
    so: 'whoever touches a secret is in the audit log',
    values: `
      audit.scope = vault
      audit.properties.workspaceId = workspaceId
      audit.properties.logs[0].categoryGroup = 'allLogs'
      audit.properties.logs[0].enabled = true
      audit.properties.metrics[0].category = 'AllMetrics'
      audit.properties.metrics[0].enabled = true
      audit.name = 'audit'
    `,
  },
  {
    file: 'modules/bus.bicep',
    so: 'whoever touches a queue is in the log',
    values: `
      logs.scope = namespace
      logs.properties.workspaceId = workspaceId
      logs.properties.logs[0].categoryGroup = 'allLogs'
      logs.properties.logs[0].enabled = true
      logs.properties.metrics[0].category = 'AllMetrics'
      logs.properties.metrics[0].enabled = true
      logs.name = 'logs'
    `,
  },
  {
    file: 'modules/storage.bicep',
    so: 'whoever touches the ledger or the package is in the log',
    values: `
      blobLogs.scope = blobs
      blobLogs.properties.workspaceId = workspaceId
      blobLogs.properties.logs[0].categoryGroup = 'allLogs'
      blobLogs.properties.logs[0].enabled = true
      tableLogs.scope = tables
      tableLogs.properties.workspaceId = workspaceId
      tableLogs.properties.logs[0].categoryGroup = 'allLogs'
      tableLogs.properties.logs[0].enabled = true
      blobLogs.name = 'logs'
      tableLogs.name = 'logs'
    `,
  },
  {
    file: 'modules/alerts.bicep',
    so: 'an alert mails every operator',
    values: `
      operators.location = 'global'
      operators.properties.enabled = true
      operators.properties.emailReceivers = [ for email in emails: { name: email emailAddress: email useCommonAlertSchema: true } ]
      logAlerts.properties.actions.actionGroups = [operators.id]
      metricAlerts.properties.actions[0].actionGroupId = operators.id
      operators.properties.groupShortName = take(baseName, 12)
    `,
  },
  {
    file: 'modules/alerts.bicep',
    so: 'an alert on logs fires at the first row, for each credential alone where it is about one, looks back as far as it says, and resolves by itself',
    values: `
      logAlerts.kind = 'LogAlert'
      logAlerts.properties.severity = rule.severity
      logAlerts.properties.enabled = true
      logAlerts.properties.scopes = [workspaceId]
      logAlerts.properties.evaluationFrequency = rule.frequency
      logAlerts.properties.windowSize = rule.window
      logAlerts.properties.overrideQueryTimeRange = rule.lookback == rule.window ? null : rule.lookback
      logAlerts.properties.autoMitigate = true
      logAlerts.properties.skipQueryValidation = true
      logAlerts.properties.criteria.allOf[0].query = rule.query
      logAlerts.properties.criteria.allOf[0].timeAggregation = 'Count'
      logAlerts.properties.criteria.allOf[0].operator = 'GreaterThan'
      logAlerts.properties.criteria.allOf[0].threshold = 0
      logAlerts.properties.criteria.allOf[0].dimensions = empty(rule.dimension) ? [] : [{ name: rule.dimension, operator: 'Include', values: ['*'] }]
      logAlerts.properties.criteria.allOf[0].failingPeriods.numberOfEvaluationPeriods = 1
      logAlerts.properties.criteria.allOf[0].failingPeriods.minFailingPeriodsToAlert = 1
    `,
  },
  {
    file: 'modules/alerts.bicep',
    so: 'an alert on a metric fires at the first dead letter of any queue or subscription, and resolves by itself',
    values: `
      metrics = concat(busMetrics, empty(eventTopicId) ? [] : eventMetrics)
      busMetrics[dead-letters].severity = 1
      busMetrics[dead-letters].scope = busId
      busMetrics[dead-letters].namespace = 'Microsoft.ServiceBus/namespaces'
      busMetrics[dead-letters].metric = 'DeadletteredMessages'
      busMetrics[dead-letters].aggregation = 'Maximum'
      busMetrics[dead-letters].dimension = 'EntityName'
      eventMetrics[event-dead-letters].severity = 2
      eventMetrics[event-dead-letters].scope = eventTopicId
      eventMetrics[event-dead-letters].namespace = 'Microsoft.EventGrid/systemTopics'
      eventMetrics[event-dead-letters].metric = 'DeadLetteredCount'
      eventMetrics[event-dead-letters].aggregation = 'Total'
      eventMetrics[event-dead-letters].dimension = 'EventSubscriptionName'
      metricAlerts.location = 'global'
      metricAlerts.properties.severity = rule.severity
      metricAlerts.properties.enabled = true
      metricAlerts.properties.scopes = [rule.scope]
      metricAlerts.properties.evaluationFrequency = 'PT5M'
      metricAlerts.properties.windowSize = 'PT15M'
      metricAlerts.properties.autoMitigate = true
      metricAlerts.properties.criteria.odata.type = 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      metricAlerts.properties.criteria.allOf[0].criterionType = 'StaticThresholdCriterion'
      metricAlerts.properties.criteria.allOf[0].metricNamespace = rule.namespace
      metricAlerts.properties.criteria.allOf[0].metricName = rule.metric
      metricAlerts.properties.criteria.allOf[0].timeAggregation = rule.aggregation
      metricAlerts.properties.criteria.allOf[0].operator = 'GreaterThan'
      metricAlerts.properties.criteria.allOf[0].threshold = 0
      metricAlerts.properties.criteria.allOf[0].dimensions[0].name = rule.dimension
      metricAlerts.properties.criteria.allOf[0].dimensions[0].operator = 'Include'
      metricAlerts.properties.criteria.allOf[0].dimensions[0].values = ['*']
    `,
  },
  {
    file: 'modules/observability.bicep',
    so: 'queries are found where the runbook says',
    values: "saved.properties.category = 'Key vending'",
  },
  {
    file: 'modules/workbook.bicep',
    so: 'there is one workbook, which looks back no less than any of its queries',
    values: `
      lookback.durationMs = 90 * 24 * 3600 * 1000
      workbook.name = guid(resourceGroup().id, 'key-vending-workbook')
      workbook.kind = 'shared'
      workbook.properties.category = 'workbook'
      workbook.properties.sourceId = workspaceId
      workbook.properties.version = 'Notebook/1.0'
    `,
  },
  {
    file: 'modules/workbook.bicep',
    so: 'each panel asks the workspace in KQL, in the form that the portal reads',
    values: `
      introduction.type = 1
      workbook.properties.serializedData = string({ version: 'Notebook/1.0' items: concat( [introduction], map(panels, panel => { type: 3 name: panel.name content: { version: 'KqlItem/1.0' title: panel.title query: panel.query size: 0 queryType: 0 resourceType: 'microsoft.operationalinsights/workspaces' crossComponentResources: [workspaceId] timeContext: lookback visualization: panel.picture chartSettings: panel.axes noDataMessage: 'Nothing.' } }) ) fallbackResourceIds: [workspaceId] })
    `,
  },
];
