metadata description = 'Logs and traces. Nobody writes or reads them by key: local authentication is off.'

@description('Region.')
param location string

@description('Tags on every resource.')
param tags { *: string }

@description('Part of every name.')
param baseName string

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('Resource id of the function\'s identity. Names of role assignments come from it, so what-if can predict them.')
param identityId string

@description('Object id of the function\'s identity.')
param principalId string

var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: '${baseName}-logs'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${baseName}-insights'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    DisableLocalAuth: true
  }
}

resource publisher 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identityId, monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
  }
}

var queries = [
  { name: 'vended', title: 'What was vended for whom', text: loadTextContent('../queries/vended.kql') }
  {
    name: 'outcomes'
    title: 'What was vended and what failed, hour by hour'
    text: loadTextContent('../queries/outcomes.kql')
  }
  { name: 'open', title: 'What is open or unknown', text: loadTextContent('../queries/open.kql') }
  { name: 'failures', title: 'What fails, and why', text: loadTextContent('../queries/failures.kql') }
  { name: 'durations', title: 'How long mint and store take', text: loadTextContent('../queries/durations.kql') }
  { name: 'denied', title: 'Who was denied, and why', text: loadTextContent('../queries/denied.kql') }
  { name: 'limits', title: 'Who is close to quota', text: loadTextContent('../queries/limits.kql') }
  { name: 'keys', title: 'Which team has keys for which cluster', text: loadTextContent('../queries/keys.kql') }
  { name: 'expiring', title: 'Which secrets expire soon', text: loadTextContent('../queries/expiring.kql') }
]

resource saved 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = [
  for query in queries: {
    parent: workspace
    name: 'key-vending-${query.name}'
    properties: {
      category: 'Key vending'
      displayName: query.title
      query: query.text
    }
  }
]

@description('Resource id of the workspace.')
output workspaceId string = workspace.id

@description('Id by which queries name the workspace.')
output workspaceCustomerId string = workspace.properties.customerId

@description('Names the component; without a role it admits nobody.')
output connectionString string = insights.properties.ConnectionString
