import '@kusto/language-service-next/bridge.min.js';
import '@kusto/language-service-next/Kusto.Language.Bridge.min.js';

/** The parts of Microsoft's Kusto compiler that we use. It puts itself into the global object. */
interface KustoLanguage {
  readonly GlobalState: { readonly Default: { WithDatabase(database: object): object } };
  readonly KustoCode: { ParseAndAnalyze(text: string, globals: object): { GetDiagnostics(): Diagnostics } };
  readonly Symbols: {
    readonly TableSymbol: { From(schema: string): { WithName(name: string): object } };
    readonly DatabaseSymbol: { readonly $ctor2: new (name: string, alternateName: null, members: object[]) => object };
  };
}
interface Diagnostics {
  readonly Count: number;
  getItem(index: number): { readonly Message: string; readonly Start: number };
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
};

const tables = Object.entries(TABLES).map(([name, schema]) => kusto.Symbols.TableSymbol.From(schema).WithName(name));
const database = new kusto.Symbols.DatabaseSymbol.$ctor2('workspace', null, tables);
const globals = kusto.GlobalState.Default.WithDatabase(database);

/** Asks Microsoft's compiler: one line for each fault of a query. */
export function diagnose(query: string): string[] {
  const found = kusto.KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  return Array.from({ length: found.Count }, (_, index) => found.getItem(index)).map(
    ({ Message, Start }) => `${query.slice(0, Start).split('\n').length}: ${Message}`,
  );
}
