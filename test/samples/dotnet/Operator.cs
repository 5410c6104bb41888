using Vending.SystemTextJson;

namespace Vending.Samples;

/// <summary>Looks at a leak, with the token of an operator: the keys of one cluster, and how many a revocation would take.</summary>
public static class Operator
{
    public static async Task Run(HttpClient http, string url, string cluster)
    {
        var client = new VendingClient(http) { BaseUrl = url };
        var since = DateTimeOffset.Now.AddDays(-1);
        var page = await client.ListCredentialsAsync(
            limit: 1000, cursor: null, managed: null, status: "vended", caller: null, organization: null, environment: null, cluster: cluster,
            rule: null, apiKeyId: null, secretName: null, vendedBefore: null, vendedAfter: since, expiresBefore: null, expiresAfter: null);
        foreach (var credential in page.Credentials)
        {
            var key = await client.FindKeyAsync(credential.ApiKey?.Id ?? "");
            Console.WriteLine($"{credential.Id} {key.ApiKeyId} {key.Is}");
        }
        var filter = new Filter { Cluster = cluster, VendedAfter = since };
        var trial = await client.BeginBulkAsync(null, new BulkRequest { Operation = "revoke", Filter = filter, ValidateOnly = true });
        Console.WriteLine($"{trial.State}: {trial.Count}");
    }
}
