import '@kusto/language-service-next/bridge.min.js';
import '@kusto/language-service-next/Kusto.Language.Bridge.min.js';

/** The parts of Microsoft's Kusto compiler that we use. It puts itself into the global object. */
interface KustoLanguage {
  readonly GlobalState: { readonly Default: { WithDatabase(database: object): object } };
  readonly KustoCode: { ParseAndAnalyze(text: string, globals: object): Analyzed };
  readonly Symbols: {
    readonly TableSymbol: { From(schema: string): { WithName(name: string): object } };
    readonly DatabaseSymbol: { readonly $ctor2: new (name: string, alternateName: null, members: object[]) => object };
  };
}
interface Analyzed {
  GetDiagnostics(): List<{ readonly Message: string; readonly Start: number }>;
  readonly ResultType: { readonly Columns: List<{ readonly Name: string; readonly Type: { readonly Name: string } }> };
}
interface List<Item> {
  readonly Count: number;
  getItem(index: number): Item;
}

const {
  Kusto: { Language: kusto },
} = globalThis as unknown as { readonly Kusto: { readonly Language: KustoLanguage } };

/** The columns of a workspace-based Application Insights that we read. */
const TABLES = {
  AppTraces:
    '(TimeGenerated: datetime, Message: string, OperationName: string, OperationId: string, Properties: dynamic)',
  AppRequests: '(TimeGenerated: datetime, Id: string, OperationName: string, ResultCode: string, Success: bool)',
  AppExceptions: '(TimeGenerated: datetime, OuterMessage: string)',
  // Without the columns that come with the first record of their kind.
  AzureDiagnostics: '(TimeGenerated: datetime, ResourceProvider: string, Resource: string, OperationName: string)',
};

const tables = Object.entries(TABLES).map(([name, schema]) => kusto.Symbols.TableSymbol.From(schema).WithName(name));
const database = new kusto.Symbols.DatabaseSymbol.$ctor2('workspace', null, tables);
const globals = kusto.GlobalState.Default.WithDatabase(database);

/** Asks Microsoft's compiler: one line for each fault of a query. */
export function diagnose(query: string): string[] {
  const found = kusto.KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  return itemsOf(found).map(({ Message, Start }) => `${query.slice(0, Start).split('\n').length}: ${Message}`);
}

/** The columns of a query: their names and types. */
export const columnTypesOf = (query: string): ReadonlyMap<string, string> =>
  new Map(
    itemsOf(kusto.KustoCode.ParseAndAnalyze(query, globals).ResultType.Columns).map(({ Name, Type }) => [
      Name,
      Type.Name,
    ]),
  );

/** The names of a query's columns. */
export const columnsOf = (query: string): string[] => [...columnTypesOf(query).keys()];

const itemsOf = <Item>(list: List<Item>): Item[] =>
  Array.from({ length: list.Count }, (_, index) => list.getItem(index));

/** The literals that a field is compared with. */
export function comparedWith(query: string, field: string): string[] {
  const name = `(?:tostring\\((?:record|audit)\\.(?:audit\\.)?${field}\\)|\\b${field})`;
  const pattern = new RegExp(`${name} (?:==|!=|startswith|!?in)\\s*(\\([^)]*\\)|'[^']*')`, 'g');
  return [...query.matchAll(pattern)].flatMap(([, text = '']) =>
    [...text.matchAll(/'([^']*)'/g)].map(([, literal = '']) => literal),
  );
}
