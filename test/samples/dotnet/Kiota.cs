using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;
using Vending.Kiota;
using Vending.Kiota.Models;

namespace Vending.Samples;

/// <summary>The life of one credential, with a client that Kiota generated.</summary>
public static class Kiota
{
    public static async Task Run(HttpClient http, string url, string order)
    {
        // The handler of `http` sets the token.
        using var adapter = new HttpClientRequestAdapter(new AnonymousAuthenticationProvider(), httpClient: http) { BaseUrl = url };
        var credentials = new VendingClient(adapter).V1.Credentials;
        var request = new VendRequest { EnvironmentId = "env-12132", ClusterId = "clusterId-123", Name = "orders" };

        var vended = await credentials.PostAsync(request, config => config.Headers.Add("Idempotency-Key", order));
        Console.WriteLine($"vended {vended?.Id} {vended?.ApiKey?.Id} {vended?.Secret?.KeyVaultReference}");
        var credential = credentials[vended?.Id ?? ""];

        var read = await credential.GetAsync();
        Console.WriteLine($"read {read?.Status}");

        // Nothing happens if somebody else has rotated it meanwhile.
        var terms = new RotationRequest { Replaces = vended?.ApiKey?.Id };
        var rotated = await credential.Rotate.PostAsync(terms, config => config.Headers.Add("Idempotency-Key", $"{order}-rotation-1"));
        Console.WriteLine($"rotated {rotated?.ApiKey?.Id}, and {rotated?.Previous?.ApiKeyId} lives until {rotated?.Previous?.RevokeAt:O}");

        var revoked = await credential.DeleteAsync();
        Console.WriteLine(revoked?.Status);

        try
        {
            await credentials.PostAsync(request, config => config.Headers.Add("Idempotency-Key", order));
        }
        catch (Problem problem)
        {
            Console.WriteLine($"{problem.ResponseStatusCode} {problem.Type}: {problem.Message}");
        }
    }
}
