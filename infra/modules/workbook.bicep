metadata description = 'A workbook: the questions that an operator asks, answered in pictures. It stands with the workbooks of the workspace.'

@description('Region.')
param location string

@description('Tags on every resource.')
param tags { *: string }

@description('Name under which the portal lists it.')
param title string

@description('Workspace that the queries read.')
param workspaceId string

@description('URL of RUNBOOK.md.')
param runbookUrl string

// A query says itself how far back it looks. The workbook must not look back less.
var lookback = { durationMs: 90 * 24 * 3600 * 1000 }

var panels = [
  {
    name: 'outcomes'
    title: 'What is vended, and what fails?'
    picture: 'barchart'
    axes: { xAxis: 'hour', yAxis: ['requests'], group: 'outcome' }
    query: loadTextContent('../queries/outcomes.kql')
  }
  {
    name: 'failures'
    title: 'Why does it fail? (one day)'
    picture: 'table'
    axes: {}
    query: loadTextContent('../queries/failures.kql')
  }
  {
    name: 'durations'
    title: 'How long do mint and store take? (milliseconds, one day)'
    picture: 'linechart'
    axes: { xAxis: 'hour', yAxis: ['mintMs50', 'mintMs95', 'storeMs50', 'storeMs95'] }
    query: loadTextContent('../queries/durations.kql')
  }
  {
    name: 'open'
    title: 'What is open or unknown, and for how long?'
    picture: 'table'
    axes: {}
    query: loadTextContent('../queries/open.kql')
  }
  {
    name: 'keys'
    title: 'Which team has keys for which cluster?'
    picture: 'categoricalbar'
    axes: { xAxis: 'cluster', yAxis: ['keys'], group: 'team' }
    query: loadTextContent('../queries/keys.kql')
  }
  {
    name: 'expiring'
    title: 'Which secrets expire soon?'
    picture: 'table'
    axes: {}
    query: loadTextContent('../queries/expiring.kql')
  }
  {
    name: 'limits'
    title: 'Who is close to quota?'
    picture: 'table'
    axes: {}
    query: loadTextContent('../queries/limits.kql')
  }
]

var introduction = {
  type: 1
  name: 'introduction'
  content: {
    json: 'The ledger has the last word: `GET /api/v1/operations/credentials` lists what waits for a person. [The runbook](${runbookUrl}) says what to do.'
  }
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'key-vending-workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: title
    category: 'workbook'
    sourceId: workspaceId
    version: 'Notebook/1.0'
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat(
        [introduction],
        map(panels, panel => {
          type: 3
          name: panel.name
          content: {
            version: 'KqlItem/1.0'
            title: panel.title
            query: panel.query
            size: 0
            queryType: 0
            resourceType: 'microsoft.operationalinsights/workspaces'
            crossComponentResources: [workspaceId]
            timeContext: lookback
            visualization: panel.picture
            chartSettings: panel.axes
            noDataMessage: 'Nothing.'
          }
        })
      )
      fallbackResourceIds: [workspaceId]
    })
  }
}
