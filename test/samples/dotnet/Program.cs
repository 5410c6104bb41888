// The life of one credential: VENDING_URL=… VENDING_TOKEN=… dotnet run -- Kiota order-1
// Or what an operator sees of a cluster: … dotnet run -- Operator lkc-1126wj
// Or a vend by queue: SERVICE_BUS_CONNECTION=… dotnet run -- Queue order-1
using Vending.Samples;

var client = args.ElementAtOrDefault(0) ?? "Kiota";
var order = args.ElementAtOrDefault(1) ?? "order-1";
var url = Environment.GetEnvironmentVariable("VENDING_URL") ?? "http://localhost:7071/api";
// In Azure: new DefaultAzureCredential().GetTokenAsync(new TokenRequestContext([$"{audience}/.default"])).
Task<string> Token() => Task.FromResult(Environment.GetEnvironmentVariable("VENDING_TOKEN") ?? "");

// Each try has its own time limit.
using var http = new HttpClient(new PatientHandler(Token)) { Timeout = Timeout.InfiniteTimeSpan };
await (client switch
{
    "Kiota" => Kiota.Run(http, url, order),
    "SystemTextJson" => SystemTextJson.Run(http, url, order),
    "NewtonsoftJson" => NewtonsoftJson.Run(http, url, order),
    "Operator" => Operator.Run(http, url, order),
    "Queue" => Queue.Run(Environment.GetEnvironmentVariable("SERVICE_BUS_CONNECTION") ?? "", order),
    _ => throw new ArgumentException("Kiota, SystemTextJson, NewtonsoftJson, Operator or Queue?"),
});
